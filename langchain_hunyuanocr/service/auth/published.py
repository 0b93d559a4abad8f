"""Keys that an OAuth provider publishes, fetched no oftener than they may change, whoever asks for them."""

from __future__ import annotations

import time
from typing import Any

from jwt import PyJWKClient, PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

_TIMEOUT_S = 10
_UNREACHABLE_S = 10.0
"""How long a provider that does not answer is left alone, so that tokens are not each a wait of their own."""
_UNKNOWN_S = 30.0
"""How long the keys are taken for all that there are, so that made-up tokens do not each fetch them."""


class PublishedKeys(PyJWKClient):
    """The keys at an address.

    Args:
        address: Of the JSON Web Key Set.

    Raises:
        PyJWKClientError: It is no address of http or https.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address, timeout=_TIMEOUT_S, cooldown_duration=_UNKNOWN_S)
        self._failure: str | None = None
        self._failed_at = 0.0

    def fetch_data(self) -> Any:
        """The key set as it is published.

        Raises:
            PyJWKClientConnectionError: It cannot be fetched, or could not a moment ago.
        """
        if self._failure is not None and time.monotonic() - self._failed_at < _UNREACHABLE_S:
            raise PyJWKClientConnectionError(self._failure)
        try:
            fetched = super().fetch_data()
        except (PyJWKClientError, PyJWKSetError, ValueError, OSError) as exc:
            self._failure = str(exc)
            self._failed_at = time.monotonic()
            raise PyJWKClientConnectionError(self._failure) from exc
        self._failure = None
        return fetched
