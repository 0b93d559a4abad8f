"""Releases of HunyuanOCR: the repository, the pinned commit, the licence, and what its authors decode with."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_hunyuanocr.errors import EngineError

MODEL = "tencent/HunyuanOCR"
REVISION = "449e7d471a8a1ef5bd5d652e4881183d7252cbc7"
"""The commit of HunyuanOCR-1.5 that its benchmarks were run with; the repository has no tags."""

LICENCE = "under Tencent's licence, which does not cover the EU, the UK and South Korea"
"""What whoever fetches the weights should know; the licence in the repository names its territory."""
WEIGHTS_SIZE = "2 GB"


@dataclass(frozen=True, slots=True)
class Release:
    """A release of HunyuanOCR; both lie in one repository."""

    version: str
    subfolder: str
    """The folder of the repository that holds it; empty for its root."""
    repetition_penalty: float
    """What its authors decode with."""


_RELEASES = {
    "1.5": Release("1.5", subfolder="", repetition_penalty=1.08),
    "1.0": Release("1.0", subfolder="v1.0", repetition_penalty=1.0),
}


def release(version: str) -> Release:
    """The release of that version, `1.5` or `1.0`.

    Raises:
        EngineError: There is none.
    """
    if version not in _RELEASES:
        raise EngineError(f"there is no HunyuanOCR {version!r}", remedy=f"take one of {', '.join(_RELEASES)}")
    return _RELEASES[version]
