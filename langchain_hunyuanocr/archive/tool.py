"""The archive as a LangChain tool: what a chat model asks it, and the numbered proof that it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from langchain_hunyuanocr.archive.answer.models import Answer, Mode
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.errors import HunyuanOCRError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool

    from langchain_hunyuanocr.archive.answer.answerer import QuestionAnswering

NAME = "ask_archive"
DESCRIPTION = (
    "Answers a question from an archive of scanned documents. Gives the answer with numbered citations: file, page and "
    "the words there that prove it; or says that the archive does not hold the answer."
)


class ToolInput(BaseModel):
    """What the tool is given."""

    question: str = Field(description="One question in full, in the language of the user.")
    where: dict[str, Wanted] | None = Field(
        default=None, description='Metadata that pages must have, such as {"file_name": "lease.pdf"}; usually none.'
    )


def make_tool(archive: QuestionAnswering, *, mode: Mode, llm: BaseChatModel | str | None, k: int) -> StructuredTool:
    """A tool that asks an archive; errors come back as one line for the model to read."""
    from langchain_core.tools import StructuredTool, ToolException

    def ask(question: str, where: dict[str, Wanted] | None = None) -> tuple[str, Answer]:
        try:
            answer = archive.ask(question, where=where, mode=mode, llm=llm, k=k)
        except HunyuanOCRError as error:
            raise ToolException(str(error)) from error
        return in_words(answer), answer

    async def aask(question: str, where: dict[str, Wanted] | None = None) -> tuple[str, Answer]:
        try:
            answer = await archive.aask(question, where=where, mode=mode, llm=llm, k=k)
        except HunyuanOCRError as error:
            raise ToolException(str(error)) from error
        return in_words(answer), answer

    options: dict[str, Any] = {"response_format": "content_and_artifact", "handle_tool_error": True}
    return StructuredTool.from_function(ask, aask, name=NAME, description=DESCRIPTION, args_schema=ToolInput, **options)


def in_words(answer: Answer) -> str:
    """An answer for a chat model: what it is, how sure it is, and each place that proves it."""
    if answer.answer is None:
        return "The archive does not hold the answer."
    lines = [answer.answer if answer.confident else f"{answer.answer} (not certain)"]
    for number, citation in enumerate(answer.citations, 1):
        quote = f': "{" ".join(citation.quote.split())}"' if citation.quote else ""
        lines.append(f"[{number}] {citation.source}, page {citation.page + 1}{quote}")
    return "\n".join(lines)
