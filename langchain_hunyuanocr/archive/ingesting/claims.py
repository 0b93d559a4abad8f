"""What is being read right now, so that two workers never read pages that look the same."""

from __future__ import annotations

import threading


class Claims:
    """Contents of pages that someone is reading; any thread may ask."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False

    def take(self, content: str) -> bool:
        """Whether the caller may read this content; it then holds it until it is given back."""
        with self._changed:
            if content in self._held:
                return False
            self._held.add(content)
            return True

    def give_back(self, content: str) -> None:
        """What was read of this content is stored, or never will be."""
        with self._changed:
            self._held.discard(content)
            self._changed.notify_all()

    def wait_for(self, content: str) -> bool:
        """Wait until nobody reads this content; `False` where the run was given up meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or content not in self._held)
            return not self._closed

    def close(self) -> None:
        """Let go whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def open(self) -> None:
        """Be ready for another round."""
        with self._changed:
            self._closed = False
            self._held.clear()
