"""Engines: one file each, one small protocol."""
