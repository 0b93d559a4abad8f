"""A unit test opens no socket."""

from __future__ import annotations

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def _no_socket() -> None:
    # An event loop wakes itself through a pair of Unix sockets; nothing else is allowed.
    disable_socket(allow_unix_socket=True)
