"""Scripts that the built-in model knows are read; of others it is said that they are not."""

from __future__ import annotations

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from langchain_hunyuanocr.engines.rapid import RapidEngine
from langchain_hunyuanocr.pages import Page
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import PageReading, Status

pytest.importorskip("rapidocr")

READER = Reader(RapidEngine())
UNKNOWN = {
    "Cyrillic": "Настоящим подтверждаем, что груз принят складом полностью и без видимых повреждений.",
    "Arabic": "نؤكد بهذا أن المخزن قد تسلم البضاعة كاملة ودون أي ضرر ظاهر عليها.",
    "Hebrew": "אנו מאשרים בזאת כי המחסן קיבל את המשלוח במלואו וללא כל נזק נראה לעין.",
    "Thai": "ขอรับรองว่าคลังสินค้าได้รับสินค้าครบถ้วนและไม่พบความเสียหายใดๆ",
    "Korean": "창고에서 화물을 빠짐없이 인수하였으며 눈에 띄는 손상이 없음을 확인합니다.",
    "Tamil": "சரக்குகள் முழுமையாகவும் சேதமின்றியும் கிடங்கில் பெறப்பட்டன என்று உறுதி செய்கிறோம்.",
}
HALF_KNOWN = {
    "Greek": "Βεβαιώνουμε ότι η αποθήκη παρέλαβε το φορτίο πλήρες και χωρίς ορατές ζημιές.",
    "Hindi": "हम पुष्टि करते हैं कि गोदाम को पूरा माल बिना किसी दिखने वाली क्षति के मिल गया है।",
}
KNOWN = {
    "Chinese": "兹证明仓库已全部收到货物，外观无任何损坏，特此确认并签字盖章。",
    "Japanese": "倉庫は貨物をすべて受領し、外観に損傷がないことをここに確認します。",
    "English": "We confirm that the warehouse has received the goods in full and without visible damage.",
    "French": "Nous confirmons que l'entrepôt a reçu la marchandise complète et sans dommage apparent.",
    "German": "Wir bestätigen, dass das Lager die Ware vollständig und ohne sichtbare Schäden erhalten hat.",
    "Dutch": "Wij bevestigen dat het magazijn de goederen volledig en zonder zichtbare schade heeft ontvangen.",
    "Polish": "Potwierdzamy, że magazyn otrzymał towar w całości i bez widocznych uszkodzeń.",
}


def read(*texts: str, size: int = 12) -> PageReading:
    """A page as it is read that MuPDF sets with the fonts it carries, a paragraph a text."""
    document = pymupdf.open()
    sheet = document.new_page(width=400, height=300)
    body = "".join(f'<p style="font-size:{size}pt">{text}</p>' for text in texts)
    sheet.insert_htmlbox(pymupdf.Rect(30, 30, 370, 290), body)
    pixels = sheet.get_pixmap(dpi=150)
    picture = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    return READER.read(
        Page(source="x", file_name="x", sha256="0" * 64, index=0, total=1, label=None, picture=picture, dpi=150)
    )


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_a_page_in_a_script_that_the_model_does_not_know_has_failed(text: str) -> None:
    reading = read(text, text)
    assert reading.status is Status.FAILED
    assert "--language" in (reading.error or "")
    assert {doubt.kind for doubt in reading.doubts} == {"unread"}


@pytest.mark.parametrize("text", HALF_KNOWN.values(), ids=HALF_KNOWN)
def test_lines_of_which_the_model_knows_some_letters_are_told(text: str) -> None:
    reading = read(text, text)
    assert reading.status is Status.FAILED or len(reading.doubts) >= 4


@pytest.mark.parametrize("text", KNOWN.values(), ids=KNOWN)
def test_a_page_in_a_script_that_the_model_knows_has_nothing_unread(text: str) -> None:
    reading = read(text, text)
    assert (reading.status, reading.doubts) == (Status.OK, ())


def test_one_line_in_another_script_on_a_page_that_is_read_is_told() -> None:
    reading = read(KNOWN["English"], KNOWN["German"], "Груз принят складом полностью", KNOWN["French"])
    assert reading.status is Status.OK
    assert reading.doubts
    assert all(
        doubt.kind == "unread" and doubt.box is not None and 0.4 < doubt.box.y0 < 0.8 for doubt in reading.doubts
    )


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(st.sampled_from([*UNKNOWN.values(), *KNOWN.values()]), min_size=1, max_size=3),
    size=st.integers(9, 14),
)
def test_all_ink_is_a_line_a_doubt_or_a_failure(texts: list[str], size: int) -> None:
    reading = read(*texts, size=size)
    assert reading.status is not Status.BLANK
    if reading.status is Status.OK:
        known = [text for text in texts if text in KNOWN.values()]
        assert len(known) == len(texts) or reading.doubts
