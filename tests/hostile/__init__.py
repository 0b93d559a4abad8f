"""Attacks: what must hold whatever is done to the package; a few rounds of each here, all by `make attack`."""

import os


def rounds(few: int, all_: int) -> int:
    """How often an attack is repeated: a few times in every run of the tests, all of them by `make attack`."""
    return all_ if os.environ.get("HUNYUANOCR_ATTACK") == "all" else few
