"""Messages: what the page says, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.output import Format
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.ui.i18n.ask_messages import ASK_MESSAGES

Language = Literal["en", "zh"]
COOKIE = "hunyuanocr_language"
"""Keeps the choice of a visitor; the page's script sets it, from the browser's languages at first."""

_MESSAGES: dict[str, tuple[str, str]] = {
    "heading": ("HunyuanOCR", "HunyuanOCR"),
    "motto": (
        "Scanned pages in; text, tables and fields out, each with its place on the page.",
        "从扫描页面读出文字、表格和字段，并标出位置。",
    ),
    "switch": ("中文", "English"),
    "switch_label": ("切换到中文", "Switch to English"),
    "log_out": ("Log out", "退出登录"),
    "ask_tab": ("Ask the archive", "查询档案"),
    "read_tab": ("Read pages", "读取页面"),
    "files": ("PDFs or pictures", "PDF 或图片"),
    "drop": ("Drop PDFs or pictures here, or choose them", "将 PDF 或图片拖到此处，或点击选择"),
    "camera": ("Use the camera", "使用相机"),
    "camera_view": ("What the camera sees", "相机画面"),
    "take": ("Take a picture", "拍照"),
    "camera_off": ("Switch the camera off", "关闭相机"),
    "no_camera": ("The camera cannot be used: {why}", "无法使用相机：{why}"),
    "camera_name": ("camera", "相机"),
    "remove": ("Remove {name}", "移除 {name}"),
    "uploading": ("Uploading: {share}", "正在上传：{share}"),
    "lost": ("The upload broke off: {why}", "上传中断：{why}"),
    "task": ("What to read", "读取内容"),
    "preset": ("Fields of a kind of document", "某类文档的字段"),
    "no_preset": ("none", "无"),
    "fields": ("Fields of your own", "自定义字段"),
    "fields_info": ("Type a name and press Enter, for example total.", "输入名称后按回车，例如“合计”。"),
    "more": ("Pages and password", "页码和密码"),
    "pages": ("Pages", "页码"),
    "pages_info": ("All where empty; else for example 1-3,7.", "留空表示全部；例如 1-3,7。"),
    "password": ("Password of the file", "文件密码"),
    "password_info": ("Only for encrypted files.", "仅用于加密文件。"),
    "force_ocr": ("Read the picture even where a PDF has text", "即使 PDF 含有文字也读取图像"),
    "read": ("Read", "读取"),
    "cancel": ("Cancel", "取消"),
    "start_title": ("From a scan to text that you can check", "从扫描件到可核对的文字"),
    "start_files": (
        "Choose PDFs, scans or photos of pages, also several at once.",
        "选择 PDF、扫描件或页面照片，可同时选择多个。",
    ),
    "start_fields": (
        "Say what you need: the text, or also named values such as the total of an invoice.",
        "选择所需内容：文字，或指定的字段，例如发票合计。",
    ),
    "start_check": (
        "Compare: each page stands beside what was read, and what is uncertain is marked.",
        "核对：页面与读取结果并排显示，不确定之处会标出。",
    ),
    "start_save": (
        "Save it as Markdown, JSON, CSV, Excel or a PDF that can be searched.",
        "保存为 Markdown、JSON、CSV、Excel 或可搜索的 PDF。",
    ),
    "start_private": (
        "Your files stay on this service's own machine, and are removed when you close this window.",
        "您的文件只保存在运行此服务的机器上，关闭窗口后即被删除。",
    ),
    "no_files": ("Choose a file first.", "请先选择文件。"),
    "not_allowed_read": ("Your key does not allow reading pages (scope read).", "您的密钥没有读取页面的权限（read）。"),
    "not_allowed_ask": (
        "Your key does not allow asking the archive (scope ask).",
        "您的密钥没有查询档案的权限（ask）。",
    ),
    "task_document": ("Document: text and tables", "文档：文字和表格"),
    "task_text": ("Text only", "仅文字"),
    "task_spotting": ("Every line and its box", "每行文字及其位置"),
    "task_layout": ("Layout of the page", "版面"),
    "task_layout_document": ("Document with its layout", "文档及版面"),
    "task_table": ("Tables", "表格"),
    "task_formula": ("Formulas", "公式"),
    "task_chart": ("Charts", "图表"),
    "task_translate_document_zh": ("Document, and its translation into Chinese", "文档及其中文翻译"),
    "task_translate_zh": ("Translation into Chinese", "翻译成中文"),
    "task_translate_en": ("Translation into English", "翻译成英文"),
    "task_subtitle": ("Subtitles", "字幕"),
    **{f"preset_{name}": (preset.title_en, preset.title_zh) for name, preset in PRESETS.items()},
    "waiting": ("Waiting for a free place…", "正在排队…"),
    "opening": ("Opening the files…", "正在打开文件…"),
    "reading_page": ("Reading page {page} of {total}…", "正在读取第 {page} 页，共 {total} 页…"),
    "progress": ("Progress", "进度"),
    "all_read": ("Done. Pages read: {count}.", "完成：已读取 {count} 页。"),
    "some_failed": (
        "Done. Pages read: {count}; not read: {failed} (marked ✕ below; open one for the reason).",
        "完成：已读取 {count} 页；{failed} 项未能读取（下方标有 ✕，点开可查看原因）。",
    ),
    "cancelling": ("Cancelling…", "正在取消…"),
    "cancelled": (
        "Cancelled. Pages read, and kept: {count} of {total}.",
        "已取消：保留已读取的 {count} 页，共 {total} 页。",
    ),
    "cancelled_early": ("Cancelled before the first page.", "已取消，尚未读取任何页面。"),
    "stopped": ("Stopped: {why}", "已停止：{why}"),
    "all_pages": ("Pages", "页面"),
    "page_of": ("{file}, page {page} of {total}", "{file}，第 {page} 页，共 {total} 页"),
    "file_failed": ("{file}: cannot be opened", "{file}：无法打开"),
    "status_ok": ("read", "已读取"),
    "status_blank": ("blank", "空白"),
    "status_truncated": ("cut off: the answer was too long", "不完整：回答过长"),
    "status_repetition_trimmed": ("a loop was cut off", "已截断重复内容"),
    "status_degenerate_retried": ("read at the second try", "第二次读取成功"),
    "status_failed": ("failed", "失败"),
    "why_failed": ("This page could not be read: {why}", "此页无法读取：{why}"),
    "scan_of": ("Scan of {page}", "{page}的扫描图"),
    "previous": ("Previous page", "上一页"),
    "next": ("Next page", "下一页"),
    "scan": ("Scan", "扫描图"),
    "larger": ("Larger", "放大"),
    "smaller": ("Smaller", "缩小"),
    "text": ("Text", "文字"),
    "translation": ("Translation", "翻译"),
    "empty": ("No text was found on this page.", "此页没有文字。"),
    "walk": (
        "Point at a place of the scan or of the text: its other side lights up. With the keyboard, the arrow keys walk "
        "through the text.",
        "将鼠标移到扫描图或文字上，另一侧会亮起。使用键盘时，方向键可逐段移动。",
    ),
    "agreement": (
        "A second reader confirms {share} of the text",
        "第二读取器确认了 {share} 的文字",
    ),
    "route_text": ("the PDF's own text", "PDF 自带文字"),
    "route_mixed": ("the PDF's own text, pictures by {engine}", "PDF 自带文字，图片由 {engine} 识别"),
    "kind_heading": ("heading", "标题"),
    "kind_paragraph": ("paragraph", "段落"),
    "kind_list": ("list", "列表"),
    "kind_table": ("table", "表格"),
    "kind_formula": ("formula", "公式"),
    "kind_figure": ("figure", "图片"),
    "kind_line": ("line", "行"),
    "doubts": ("Doubts ({count})", "存疑（{count}）"),
    "doubts_explained": (
        "Two readers differ here. Compare with the scan before you rely on it.",
        "两个读取器在此结果不同，使用前请对照扫描图。",
    ),
    "doubt_here": ("first reader: {text}; second reader: {other}", "第一读取器：{text}；第二读取器：{other}"),
    "nothing": ("nothing", "无"),
    "field_list": ("Fields", "字段"),
    "explained_confirmed": (
        "confirmed: a second look found the value on the page",
        "已确认：复核时在页面上找到该值",
    ),
    "explained_unconfirmed": (
        "unconfirmed: compare it with the scan before you rely on it",
        "未确认：使用前请对照扫描图",
    ),
    "explained_missing": ("missing: it was not found on the page", "缺失：页面上未找到"),
    "explained_corrected": (
        "corrected by hand: type into a value; downloads have yours, and say so",
        "人工更正：直接修改数值即可，下载的文件采用您的值并注明",
    ),
    "state_confirmed": ("confirmed", "已确认"),
    "state_unconfirmed": ("unconfirmed", "未确认"),
    "state_missing": ("missing", "缺失"),
    "state_corrected": ("corrected by hand", "人工更正"),
    "on_page": ("on page {page}", "在第 {page} 页"),
    "downloads": ("Download", "下载"),
    "downloads_many": ("Download all, zipped", "全部下载（zip）"),
    **{f"form_{form}": form.info.download for form in Format if form.info.download is not None},
    "log_in": ("Log in", "登录"),
    "log_in_explained": (
        "This service is closed. Enter an API key (made with hunyuanocr keys add) or a token.",
        "此服务需要登录。请输入 API 密钥（用 hunyuanocr keys add 创建）或令牌。",
    ),
    "key": ("API key or token", "API 密钥或令牌"),
    "session_over": ("The session is over. Load the page again.", "会话已结束，请重新加载页面。"),
    **ASK_MESSAGES,
}


@dataclass(frozen=True, slots=True)
class Messages:
    """The words of one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """What the page says at a place, with values put in.

        Raises:
            KeyError: There are no such words.
        """
        words = _MESSAGES[key][0 if self.language == "en" else 1]
        return words.format(**values) if values else words

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "en" if self.language == "en" else "zh-CN"


def translations() -> dict[str, dict[str, str]]:
    """All words by language, as `gradio.I18n` takes them."""
    return {tag: {key: words[number] for key, words in _MESSAGES.items()} for number, tag in enumerate(("en", "zh-CN"))}


def language_of(cookies: dict[str, str], accepted: str | None) -> Language:
    """The language of a visitor.

    Args:
        cookies: Of the request.
        accepted: Its header `Accept-Language`.
    """
    chosen = cookies.get(COOKIE)
    if chosen in ("en", "zh"):
        return "zh" if chosen == "zh" else "en"
    return "zh" if (accepted or "").strip().lower().startswith("zh") else "en"
