"""Saved settings: what an archive remembers, its embeddings, its vector store, how its pages are read.

Vectors have a name of their own, new each time that they are built at another address, so that archives share a server
and a copy left behind is never taken for the vectors of now.
"""

from __future__ import annotations

import json
import uuid
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import BaseModel

from langchain_hunyuanocr.archive.checked_embeddings import CheckedEmbeddings
from langchain_hunyuanocr.archive.sentence_encoder.encoder import NOTED_AS, Encoder
from langchain_hunyuanocr.archive.storage.chroma import DISK, place_at
from langchain_hunyuanocr.archive.storage.vectors import Vectors
from langchain_hunyuanocr.engines import resolve_engine
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.reader.settings import ReadSettings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from langchain_hunyuanocr.archive.protocols import Embeds
    from langchain_hunyuanocr.archive.storage.ledger import Ledger
    from langchain_hunyuanocr.engines import Engine

_PROBE = "How many numbers has a vector?"


def refuse_other_embeddings(ledger: Ledger, given: Embeddings | str | None) -> None:
    """See that an archive is opened with what it was made with; nothing is made where names tell.

    Raises:
        ArchiveError: Others are given.
    """
    made_with = ledger.setting("embeddings")
    if made_with is None or given is None or given == ledger.setting("embeddings_name"):
        return
    from langchain_hunyuanocr.archive.embeddings import embeddings_named, name_of

    name = name_of(embeddings_named(given) if isinstance(given, str) else given)
    if name != made_with:
        raise ArchiveError(
            f"the archive was made with other embeddings: {_recorded(ledger)}, not {name}",
            source=str(ledger.folder),
            remedy="pass those it was made with, or ingest into a new folder",
        )


def embeddings_of(ledger: Ledger, given: Embeddings | str | None) -> CheckedEmbeddings:
    """The embeddings given, or those that the archive was made with.

    Raises:
        ArchiveError: None are given, and those cannot be made by name.
    """
    made_with = ledger.setting("embeddings")
    wanted = given if given is not None else ledger.setting("embeddings_name")
    if wanted is None and made_with not in (None, NOTED_AS):
        raise ArchiveError(
            f"the archive was made with an embeddings object, {made_with}, which has no name to make it by",
            source=str(ledger.folder),
            remedy="pass it: Archive(path, embeddings=...)",
        )
    dimensions = int(noted) if (noted := ledger.setting("dimensions")) else None
    if wanted is None:
        return CheckedEmbeddings(Encoder(), NOTED_AS, dimensions)
    from langchain_hunyuanocr.archive.embeddings import embeddings_named, name_of

    made = embeddings_named(wanted) if isinstance(wanted, str) else wanted
    return CheckedEmbeddings(made, name_of(made), dimensions)


def note_embeddings(ledger: Ledger, given: Embeddings | str | None, embeddings: CheckedEmbeddings) -> None:
    """Note what the archive is made with, the first time that it is written: one text is embedded for it.

    Raises:
        ArchiveError: The embeddings do not work; better known now than after the first pages.
    """
    if ledger.setting("dimensions") is not None:
        return
    embeddings.dimensions = len(embeddings.embed_query(_PROBE))
    with ledger.transaction():
        ledger.set("embeddings", embeddings.name)
        if isinstance(given, str):
            ledger.set("embeddings_name", given)
        ledger.set("dimensions", str(embeddings.dimensions))


def vectors_of(ledger: Ledger, address: str | None, token: str | None, embeddings: Embeds) -> Vectors:
    """The archive's vectors at the address given, or at the one noted, or on disk; nothing is opened yet.

    Raises:
        ArchiveError: The address makes no sense.
    """
    place = place_at(address or ledger.setting("chroma_url") or DISK, ledger.folder / "vectors", token)
    return Vectors(place, lambda: ledger.setting("collection"), embeddings)


def settle_vectors(ledger: Ledger, vectors: Vectors) -> None:
    """Make ready to write vectors, and note where they are.

    At another address than the one noted they are taken over if they are there (the server has moved); otherwise all
    are to be built anew.

    Raises:
        ArchiveError: Chroma cannot be reached; nothing is noted then.
    """
    address = vectors.place.address
    name = ledger.setting("collection")
    moved = address != (ledger.setting("chroma_url") or DISK)
    if name is None or (moved and not vectors.holds(name)):
        name = f"hunyuanocr-{uuid.uuid4().hex}"
        vectors.make(name)  # before it is noted: a server that is away changes nothing
        with ledger.transaction() as connection:
            ledger.set("collection", name)
            ledger.set("chroma_url", address)
            connection.execute("UPDATE chunks SET pending = 1 WHERE pending <> 1")
            connection.execute("DELETE FROM gone")
    elif moved:
        ledger.set("chroma_url", address)
    vectors.make(name)
    if address == DISK:
        vectors.keep_only(name)


def _recorded(ledger: Ledger) -> str:
    return ledger.setting("embeddings_name") or str(ledger.setting("embeddings"))


DEFAULT_READING = ReadSettings(ground=None)
"""How an archive reads pages where nothing is asked for."""
_SETTING = "reads_with"


def note_reading(ledger: Ledger, engine: Engine | str, settings: ReadSettings) -> None:
    """Note who reads the archive's pages, and how.

    An engine object has no name to make it by, so that only that it is none of the named ones is noted; but one that is
    set to a language is made again by its name and the language.
    """
    fields = settings.fields
    language = getattr(engine, "language", None)
    noted = {
        "engine": engine if isinstance(engine, str) else engine.name if language else None,
        **({"engine_language": language} if language else {}),
        "fields": f"{fields.__module__}:{fields.__qualname__}" if isinstance(fields, type) else fields,
        "preset": settings.preset,
        "force_ocr": settings.force_ocr,
        "verify": settings.verify,
        "ground": settings.ground,
    }
    text = json.dumps(noted, ensure_ascii=False, sort_keys=True)
    if ledger.setting(_SETTING) != text:
        ledger.set(_SETTING, text)


def or_noted_reading(ledger: Ledger, engine: Engine | str, settings: ReadSettings) -> tuple[Engine | str, ReadSettings]:
    """Who read the archive last, and how, where nothing else is asked for; an engine that is given stays.

    Raises:
        ArchiveError: It was read for the fields of a model that cannot be imported.
    """
    text = ledger.setting(_SETTING)
    if text is None or settings != DEFAULT_READING:
        return engine, settings
    noted = json.loads(text)
    noted_engine, language = noted.pop("engine") or "auto", noted.pop("engine_language", None)
    fields = noted.pop("fields")
    if isinstance(fields, str):
        fields = _class_named(fields, ledger)
    if engine == "auto":
        engine = resolve_engine(noted_engine, language=language) if language else noted_engine
    return engine, ReadSettings(fields=fields, **noted)


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
