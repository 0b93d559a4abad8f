"""Where vectors are kept, what embeddings may give, and what an archive notes of both."""

from __future__ import annotations

import math
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from langchain_hunyuanocr.archive.checked_embeddings import CheckedEmbeddings
from langchain_hunyuanocr.archive.embeddings import SentenceEncoder, embeddings_named, name_of
from langchain_hunyuanocr.archive.saved_settings import (
    embeddings_of,
    note_embeddings,
    refuse_other_embeddings,
    vectors_of,
)
from langchain_hunyuanocr.archive.storage.chroma import DISK, ChromaOnDisk, ChromaServer, place_at
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.vectors import batches
from langchain_hunyuanocr.errors import ArchiveError


class Fixed(Embeddings):
    """Gives what it is told to, whatever is asked."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class Broken(Fixed):
    """Refuses at every question."""

    def __init__(self) -> None:
        super().__init__(RuntimeError("quota\nspent"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host:8000", "http://host:8000"),
        ("https://Host/chroma/", "https://host/chroma"),
        ("http://[::1]:8000/api/v2", "http://[::1]:8000"),
    ],
)
def test_an_address_has_one_form(url: str, address: str) -> None:
    assert ChromaServer(url).address == address


@pytest.mark.parametrize("url", ["host:8000", "ftp://host", "http://", "http://host:99999", "http://host?tenant=a", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ArchiveError, match="http://host:8000"):
        ChromaServer(url)


def test_an_address_with_a_secret_is_refused_and_not_shown() -> None:
    with pytest.raises(ArchiveError, match="HUNYUANOCR_CHROMA_TOKEN") as caught:
        ChromaServer("https://me:sesame@host")
    assert "sesame" not in str(caught.value)


def test_a_token_that_cannot_be_sent_is_refused_and_not_shown() -> None:
    with pytest.raises(ArchiveError, match="cannot be sent") as caught:
        ChromaServer("https://host", "sesame\nopen")
    assert "sesame" not in str(caught.value)


def test_the_archive_s_own_folder_has_an_address_too(tmp_path: Path) -> None:
    assert isinstance(place_at(DISK, tmp_path, None), ChromaOnDisk)


def test_a_certificate_that_is_not_trusted_is_told_from_a_server_that_is_away() -> None:
    server = ChromaServer("https://host")
    untrusted = httpx.ConnectError("x")
    untrusted.__cause__ = ssl.SSLCertVerificationError(1, "self-signed")
    assert "SSL_CERT_FILE" in str(server.error(untrusted))
    no_tls = httpx.ConnectError("x")
    no_tls.__context__ = ssl.SSLError(1, "wrong version number")
    assert "no TLS" in str(server.error(no_tls))
    hidden = ValueError("Could not connect to a Chroma server")
    hidden.__context__ = httpx.ConnectError("refused")
    assert "is away" in str(server.error(hidden))
    assert "refuses" in str(server.error(ValueError("bad filter")))


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(0, 512, []), (512, 512, [512]), (513, 512, [512, 1]), (5, 2, [2, 2, 1])]
)
def test_batches_cover_all_once(count: int, size: int, sizes: list[int]) -> None:
    parts = list(batches(count, size))
    assert [part.stop - part.start for part in parts] == sizes
    assert [number for part in parts for number in range(count)[part]] == list(range(count))


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([[1.0, 0.0]], "1 vectors for 2 texts"),
        ([[1.0, 0.0], [1.0]], "different sizes"),
        ([[1.0, 0.0], ["a", "b"]], "no numbers"),
        ([1.0, 2.0], "no vectors"),
        ([[], []], "no vectors"),
        ([[1.0, math.nan], [1.0, 0.0]], "NaN"),
        ([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], "3 dimensions, the archive has 2"),
        (RuntimeError("quota\nspent"), "failed: quota spent"),
        (None, "gave what are no vectors"),
    ],
)
def test_bad_vectors_are_refused(answer: Any, complaint: str) -> None:
    with pytest.raises(ArchiveError, match=complaint):
        CheckedEmbeddings(Fixed(answer), "fixed", 2).embed_documents(["a", "b"])


async def test_async_embeddings_are_looked_at_alike() -> None:
    with pytest.raises(ArchiveError, match="NaN"):
        await CheckedEmbeddings(Fixed([[math.nan]]), "fixed").aembed_query("a")
    assert await CheckedEmbeddings(Fixed([[1, 2]]), "fixed", 2).aembed_documents(["a"]) == [[1.0, 2.0]]


def test_the_default_has_a_name_and_others_come_from_langchain() -> None:
    assert isinstance(embeddings_named(SentenceEncoder.name), SentenceEncoder)
    with pytest.raises(ArchiveError, match=r"names no embeddings .*provider:model"):
        embeddings_named("nothing")
    pytest.importorskip("langchain")
    with pytest.raises(ArchiveError, match="'nobody' is not supported"):
        embeddings_named("nobody:nothing")


def test_an_archive_notes_its_embeddings_and_refuses_others(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    given = DeterministicFakeEmbedding(size=8)
    note_embeddings(ledger, given, embeddings_of(ledger, given))
    assert ledger.setting("dimensions") == "8"
    refuse_other_embeddings(ledger, given)
    refuse_other_embeddings(ledger, None)
    with pytest.raises(ArchiveError, match="other embeddings"):
        refuse_other_embeddings(ledger, Broken())
    with pytest.raises(ArchiveError, match="other embeddings"):
        refuse_other_embeddings(ledger, SentenceEncoder.name)
    with pytest.raises(ArchiveError, match=r"DeterministicFakeEmbedding.*has no name"):
        embeddings_of(ledger, None)
    with pytest.raises(ArchiveError, match="9 dimensions, the archive has 8"):
        embeddings_of(ledger, DeterministicFakeEmbedding(size=9)).embed_query("a")


def test_embeddings_that_do_not_work_are_not_noted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    with pytest.raises(ArchiveError, match="quota spent"):
        note_embeddings(ledger, Broken(), embeddings_of(ledger, Broken()))
    assert ledger.setting("embeddings") is None


def test_embeddings_by_name_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path, create=True)
    ledger.set("embeddings", name_of(SentenceEncoder()))
    ledger.set("embeddings_name", "someone:model")
    # Named as before: nothing is made, so that `status` asks for no key.
    refuse_other_embeddings(ledger, "someone:model")
    refuse_other_embeddings(ledger, SentenceEncoder())
    monkeypatch.setattr(
        "langchain_hunyuanocr.archive.embeddings.embeddings_named", lambda name: Fixed([[float(len(name))]])
    )
    assert embeddings_of(ledger, None).embed_query("a") == [13.0]


def test_the_address_given_goes_before_the_one_noted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    assert vectors_of(ledger, None, None, Broken()).place.address == DISK
    ledger.set("chroma_url", "http://noted:8000")
    assert vectors_of(ledger, None, None, Broken()).place.address == "http://noted:8000"
    assert vectors_of(ledger, "http://given:8000", None, Broken()).place.address == "http://given:8000"
    assert vectors_of(ledger, DISK, None, Broken()).place.address == DISK
