"""Tasks: what can be asked of a page, and the locked prompts that ask it.

The prompts are HunyuanOCR's own, verbatim: changed ones lower its quality. Sources: the model card of
`tencent/HunyuanOCR` and the application prompts of github.com/Tencent-Hunyuan/HunyuanOCR.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from langchain_hunyuanocr.errors import FieldError, TaskError

PromptLanguage = Literal["zh", "en"]


class TaskKind(StrEnum):
    """The kinds of question that a page can be asked."""

    DOCUMENT = "document"
    TEXT = "text"
    SPOTTING = "spotting"
    LAYOUT = "layout"
    LAYOUT_DOCUMENT = "layout_document"
    TABLE = "table"
    FORMULA = "formula"
    CHART = "chart"
    FIELDS = "fields"
    TRANSLATE_DOCUMENT_ZH = "translate_document_zh"
    TRANSLATE_ZH = "translate_zh"
    TRANSLATE_EN = "translate_en"
    SUBTITLE = "subtitle"
    QUESTION = "question"


_ZH = {
    TaskKind.DOCUMENT: (
        "提取文档图片中正文的所有信息用markdown格式表示，其中页眉、页脚部分忽略，表格用html格式表达，"
        "文档中公式用latex格式表示，按照阅读顺序组织进行解析。"
    ),
    TaskKind.TEXT: "提取图中的文字。",
    TaskKind.SPOTTING: "检测并识别图片中的文字，将文本坐标格式化输出。",
    TaskKind.LAYOUT: "按照阅读顺序解析图中的版式信息。",
    TaskKind.LAYOUT_DOCUMENT: (
        "提取文档图片中所有内容用markdown格式表示，表格用html格式表达，文档中公式用latex格式表示，"
        "请按照阅读顺序组织进行全文解析，并输出版式分析信息。"
    ),
    TaskKind.CHART: "解析图中的图表，对于流程图使用Mermaid格式表示，其他图表使用Markdown格式表示。",
    TaskKind.FORMULA: "识别图片中的公式，用LaTeX格式表示。",
    TaskKind.TABLE: "把图中的表格解析为HTML。",
    TaskKind.TRANSLATE_DOCUMENT_ZH: (
        "先解析文档，再将文档内容翻译为中文，其中页眉、页脚忽略，公式用latex格式表示，表格用html格式表示。"
    ),
    TaskKind.TRANSLATE_EN: (
        "按照阅读顺序，提取图中文字，公式用latex格式表示，表格用markdown格式表示，再将文字内容翻译为英文。"
    ),
    TaskKind.TRANSLATE_ZH: (
        "按照阅读顺序，提取图中文字，公式用latex格式表示，表格用markdown格式表示，再将文字内容翻译为中文。"
    ),
    TaskKind.SUBTITLE: "提取图片中的字幕。",
}

_EN = {
    TaskKind.DOCUMENT: (
        "Extract all information from the main body of the document image and represent it in markdown format, "
        "ignoring headers and footers. Tables should be expressed in HTML format, formulas in the document should "
        "be represented using LaTeX format, and the parsing should be organized according to the reading order."
    ),
    TaskKind.TEXT: "Extract the text in the image.",
    TaskKind.SPOTTING: (
        "Detect and recognize text in the image, and output the text coordinates in a formatted manner."
    ),
    TaskKind.CHART: ("Parse the chart in the image; use Mermaid format for flowcharts and Markdown for other charts."),
    TaskKind.FORMULA: "Identify the formula in the image and represent it using LaTeX format.",
    TaskKind.TABLE: "Parse the table in the image into HTML.",
    TaskKind.SUBTITLE: "Extract the subtitles from the image.",
}

_LOCKED: dict[str, tuple[TaskKind, PromptLanguage]] = {
    **{words: (kind, "zh") for kind, words in _ZH.items()},
    **{words: (kind, "en") for kind, words in _EN.items()},
}


class Task(BaseModel):
    """One question to a page.

    Attributes:
        kind: What is asked.
        fields: Names of the values wanted, for `TaskKind.FIELDS`.
        question: The words of a free question, for `TaskKind.QUESTION`.
        language: Language of the prompt; kinds that have no English form are always asked in Chinese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: TaskKind = TaskKind.DOCUMENT
    fields: tuple[str, ...] = ()
    question: str | None = None
    language: PromptLanguage = "zh"

    @model_validator(mode="after")
    def _complete(self) -> Task:
        if self.kind is TaskKind.FIELDS:
            if not self.fields or any(not name.strip() for name in self.fields):
                raise FieldError("no field is named", remedy='name at least one, for example fields=["total"]')
            if len(set(self.fields)) != len(self.fields):
                raise FieldError("a field is named twice", remedy="name each field once")
        if self.kind is TaskKind.QUESTION and not (self.question or "").strip():
            raise TaskError("no question is asked", remedy="pass the question's words")
        return self

    @classmethod
    def of(cls, task: Task | TaskKind | str, *, language: PromptLanguage = "zh") -> Task:
        """A task from its name.

        Raises:
            TaskError: Where no kind has that name.
        """
        if isinstance(task, Task):
            return task
        try:
            return cls(kind=TaskKind(task), language=language)
        except ValueError as exc:
            known = ", ".join(kind.value for kind in TaskKind)
            raise TaskError(f"there is no task {task!r}", remedy=f"choose one of {known}") from exc

    @classmethod
    def asking(cls, words: str) -> Task:
        """The task whose locked prompt `words` are, or else a free question.

        Raises:
            TaskError: There are no words.
        """
        kind, language = _LOCKED.get(words.strip(), (TaskKind.QUESTION, "zh"))
        return cls(kind=kind, language=language, question=words if kind is TaskKind.QUESTION else None)

    @property
    def prompt(self) -> str:
        """The words that HunyuanOCR was trained on for this task."""
        if self.kind is TaskKind.QUESTION:
            return self.question or ""
        if self.kind is TaskKind.FIELDS:
            return self._fields_prompt()
        table = _EN if self.language == "en" and self.kind in _EN else _ZH
        return table[self.kind]

    def _fields_prompt(self) -> str:
        if len(self.fields) == 1:
            name = self.fields[0]
            return f"Output the value of {name}." if self.language == "en" else f"输出 {name} 的值。"
        names = "[" + ",".join(f"'{name}'" for name in self.fields) + "]"
        if self.language == "en":
            return f"Extract the content of the fields: {names} from the image and return it in JSON format."
        return f"提取图片中的: {names} 的字段内容，并按照 JSON 格式返回。"
