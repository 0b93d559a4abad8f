"""Endpoints of the HTTP API: one module for each group of paths.

`read`, `ask`, `chat`, `jobs` and `health`.
"""
