"""Who reads an archive's pages and for what; noted in it, so that what failed is read again as the rest was read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import BaseModel

from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.reading.verification.comparison import Verify

if TYPE_CHECKING:
    from langchain_hunyuanocr.reader import Reader

_SETTING = "reads_with"


@dataclass(frozen=True, slots=True)
class ReadsWith:
    """What a `Reader` is made of; its attributes are those of `Archive`."""

    engine: Engine | str = "auto"
    fields: Sequence[str] | type[BaseModel] | None = None
    preset: str | None = None
    force_ocr: bool = False
    verify: Verify | None = None
    ground: bool | None = None

    def make(self) -> Reader:
        """The reader."""
        from langchain_hunyuanocr.reader import Reader

        return Reader(
            self.engine,
            fields=self.fields,
            preset=self.preset,
            force_ocr=self.force_ocr,
            verify=self.verify,
            ground=self.ground,
        )

    def note(self, ledger: Ledger) -> None:
        """Write it into the archive; an engine object has no name to make it by, so that only its kind is noted."""
        fields = self.fields
        if isinstance(fields, type):
            fields = f"{fields.__module__}:{fields.__qualname__}"
        noted = {
            "engine": self.engine if isinstance(self.engine, str) else None,
            "fields": list(fields) if fields is not None and not isinstance(fields, str) else fields,
            "preset": self.preset,
            "force_ocr": self.force_ocr,
            "verify": self.verify,
            "ground": self.ground,
        }
        text = json.dumps(noted, ensure_ascii=False, sort_keys=True)
        if ledger.setting(_SETTING) != text:
            ledger.set(_SETTING, text)

    def or_noted(self, ledger: Ledger) -> ReadsWith:
        """What the archive was last read with, where nothing else is asked for; an engine that is given stays.

        Raises:
            ArchiveError: It was read for the fields of a model that cannot be imported.
        """
        text = ledger.setting(_SETTING)
        if text is None or replace(self, engine="auto") != ReadsWith():
            return self
        noted = json.loads(text)
        engine = noted.pop("engine") or "auto"
        fields = noted.pop("fields")
        if isinstance(fields, str):
            fields = _class_named(fields, ledger)
        return ReadsWith(engine=self.engine if self.engine != "auto" else engine, fields=fields, **noted)


def _class_named(path: str, ledger: Ledger) -> type[BaseModel]:
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        found = None
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise ArchiveError(
            f"the pages were read for the fields of {path}, which cannot be imported",
            source=str(ledger.folder),
            remedy="pass the model: Archive(path, fields=...)",
        )
    return found
