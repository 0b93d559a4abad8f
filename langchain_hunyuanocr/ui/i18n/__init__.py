"""Internationalization: the texts of the page, in English and in Chinese.

`messages` holds the texts of the page and finds a visitor's language; `ask_messages` holds those of the tab that asks.
"""
