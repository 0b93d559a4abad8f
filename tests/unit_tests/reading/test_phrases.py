"""What a model says around a reading."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.answers.phrases import is_preamble, says_empty, without_preamble


@pytest.mark.parametrize(
    "preamble",
    [
        "以下是图片中的文字内容：",
        "好的，以下是图片中的文字内容：\n\n",
        "好的，我已经提取了图片中的所有文字，如下：\n",
        "下面是图片中的文字内容\n",
        "图片中的文字如下：",
        "图片中的文字内容为：",
        "识别结果如下：\n",
        "以下是提取的文字：\n",
        "**以下是图片中的文字：**\n",
        "Here is the extracted text:\n",
        "Sure! Here is the text extracted from the image:\n\n",
        "Here's the text in the image:\n",
        "The text in the image is as follows:\n",
        "Here is the extracted text\n",
        "Sure!\nHere is the text:\n",
        "The image contains the following text:\n",
        "Here is the markdown representation of the document:\n",
        "好的，这是图片中的文字内容：\n",
    ],
)
def test_a_preamble_goes_only_when_something_follows(preamble: str) -> None:
    assert without_preamble(preamble + "发票号码 123") == "发票号码 123"
    assert without_preamble(preamble) == preamble
    assert is_preamble(preamble)


@pytest.mark.parametrize(
    "text",
    [
        "The contents of the document are confidential and may not be copied.\nTotal 12",
        "The contents of the document\n\nChapter one",
        "The text of the contract follows.\n\n1. Parties",
        "The following information is found in this document:\n1. Parties",
        "The following is the text of the scanned page\n1. Parties",
        "Here is the page that we lost: the last one.",
        "# 图片中的文字：\n\n第一章",
        "图片中的文字\n第一章",
        "检测结果：阴性",
        "检测结果如下：\n阴性",
        "文档信息：\n作者 王",
        "如下图中的内容：\n甲",
        "以下是合同内容：\n甲方",
        "以下是图片中的文字内容是否正确的判断：\n甲",
        "Total 12.00",
        "",
    ],
)
def test_print_that_begins_alike_stays(text: str) -> None:
    assert without_preamble(text) == text
    assert not is_preamble(text)


def test_a_title_of_contents_is_a_preamble_only_where_nothing_follows() -> None:
    assert is_preamble("The contents of the document:")
    assert without_preamble("The contents of the document:\n1. Parties").startswith("The contents")


@pytest.mark.parametrize(
    "text",
    [
        "没有文字",
        "图片中没有文字。",
        "没有检测到任何文字",
        "图中无文字",
        "图片中未检测到文字内容。",
        "该图片中没有可识别的文字。",
        "（没有文字）",
        "没有字幕",
        "图片中没有字幕。",
        "以下是图片中的文字：\n没有文字",
        "No text",
        "No subtitles.",
        "There is no text in the image.",
        "There is no visible text in this picture",
        "No text was found.",
        "No text detected",
        "The image does not contain any text.",
        "The image contains no text.",
    ],
)
def test_a_page_is_said_to_be_empty(text: str) -> None:
    assert says_empty(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "本页无正文",
        "图片模糊，无法识别文字。",
        "无",
        "This page intentionally left blank",
        "没有文字的教科书",
        "No text messages while driving.",
        "没有文字，没有声音。",
        "There is no text in the image.\n\nTotal 12.00",
        "None",
    ],
)
def test_text_about_absence_is_text(text: str) -> None:
    assert not says_empty(text)


@pytest.mark.parametrize(
    "unit", ["以下是图片中的文字", "Here is the extracted text ", "图", " ", "\n", "没有", "no ", "("]
)
def test_long_answers_are_read_to_their_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert text.endswith(without_preamble(text))
    assert not (is_preamble(text) and says_empty(text))
