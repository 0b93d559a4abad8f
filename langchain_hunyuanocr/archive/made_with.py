"""What an archive notes of how it was made: by which embeddings, and where its vectors are.

Vectors have a name of their own, new each time that they are built at another address, so that archives share a server
and a copy left behind is never taken for the vectors of now.
"""

from __future__ import annotations

import uuid

from langchain_core.embeddings import Embeddings

from langchain_hunyuanocr.archive.checked import CheckedEmbeddings
from langchain_hunyuanocr.archive.chroma import DISK, place_at
from langchain_hunyuanocr.archive.embeddings import SentenceEncoder, embeddings_named, name_of
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.archive.vectors import Vectors
from langchain_hunyuanocr.errors import ArchiveError

_PROBE = "How many numbers has a vector?"


def refuse_other_embeddings(ledger: Ledger, given: Embeddings | str | None) -> None:
    """See that an archive is opened with what it was made with; nothing is made where names tell.

    Raises:
        ArchiveError: Others are given.
    """
    made_with = ledger.setting("embeddings")
    if made_with is None or given is None or given == ledger.setting("embeddings_name"):
        return
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
    if wanted is None:
        wanted = SentenceEncoder()
        if made_with not in (None, name_of(wanted)):
            raise ArchiveError(
                f"the archive was made with an embeddings object, {made_with}, which has no name to make it by",
                source=str(ledger.folder),
                remedy="pass it: Archive(path, embeddings=...)",
            )
    made = embeddings_named(wanted) if isinstance(wanted, str) else wanted
    dimensions = ledger.setting("dimensions")
    return CheckedEmbeddings(made, name_of(made), int(dimensions) if dimensions else None)


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


def vectors_of(ledger: Ledger, address: str | None, token: str | None, embeddings: Embeddings) -> Vectors:
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
