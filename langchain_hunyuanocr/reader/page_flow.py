"""Page flow: what is asked about one page, round by round, and what the answers come to."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.errors import PageError
from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.pages.ink_lines import has_text, only_specks
from langchain_hunyuanocr.pages.orientation.ink_mask import has_ink
from langchain_hunyuanocr.reader.batch_queue import Asked, Flow
from langchain_hunyuanocr.reader.finer_page import COARSE_DPI, bands_of, is_coarse, joined, render_finer
from langchain_hunyuanocr.reader.layer_fonts import CheckedFonts, honest_fonts, is_likely_text, lines_by_font, sheet_of
from langchain_hunyuanocr.reader.layer_regions import cut_out, on_page, open_regions, placed
from langchain_hunyuanocr.reader.page_notes import asides_of, warnings_of
from langchain_hunyuanocr.reader.settings import ReadSettings
from langchain_hunyuanocr.reader.unread_ink import find_unread
from langchain_hunyuanocr.reader.verifier import Verified, Verifier
from langchain_hunyuanocr.reading.answers.parse import read_answer
from langchain_hunyuanocr.reading.answers.phrases import RETRIED_TASKS, is_degenerate
from langchain_hunyuanocr.reading.content import Content, with_merged_cells
from langchain_hunyuanocr.reading.fields.find import FieldPlan, fields_from_answer, find_fields
from langchain_hunyuanocr.reading.fields.rereading import reread_with
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.reading.layout.subtitle import read_subtitle
from langchain_hunyuanocr.results import Doubt, Field, Generation, Line, PageReading, Route, Status
from langchain_hunyuanocr.tasks import Task, TaskKind

if TYPE_CHECKING:
    from PIL.Image import Image

_LINE_TASKS = frozenset({TaskKind.DOCUMENT, TaskKind.TEXT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS})
"""Tasks that lines with their places are enough for, so that a good text layer can answer them."""
_UNCHECKED_TASKS = frozenset({TaskKind.LAYOUT, TaskKind.FORMULA})
"""Tasks whose answers hold nothing that a line recogniser reads."""
_WHOLE_TASKS = frozenset(
    {
        TaskKind.DOCUMENT,
        TaskKind.TEXT,
        TaskKind.SPOTTING,
        TaskKind.LAYOUT_DOCUMENT,
        TaskKind.TRANSLATE_DOCUMENT_ZH,
        TaskKind.TRANSLATE_ZH,
        TaskKind.TRANSLATE_EN,
    }
)
"""Tasks that are to give all the text of the page; of the others only what they give can be checked."""

_UNREAD_REMEDY = (
    "choose the language of its script (--language, for the engine rapid), read it with another engine, "
    "or with more max_pixels where its type is small"
)
_REMEDY = "read the page again with task='text', or with another engine"

AnyPage = Page | PageFailure


@dataclass(frozen=True, slots=True)
class PageFlow:
    """Reads single pages: called with a page, it gives what is to be asked, and in the end the reading.

    Attributes:
        engine: The first reader.
        task: What it is asked.
        plan: The fields that are wanted.
        settings: How pages are read; of these the task and the fields are those above.
        checker: The second reader; `None` where there is none.
        checked_fonts: Whether the fonts of the files that were read last say what they show.
    """

    engine: Engine
    task: Task
    plan: FieldPlan
    settings: ReadSettings
    checker: Verifier | None
    checked_fonts: CheckedFonts = field(default_factory=CheckedFonts)

    def __call__(self, page: AnyPage) -> Flow:
        """Read a page."""
        if isinstance(page, PageFailure):
            return self._failed(page, page.error)
        if page.blank:
            return self._reading(page, Verified(Content(status=Status.BLANK)))
        if page.text_layer.good and not self.settings.force_ocr and self.task.kind in _LINE_TASKS:
            reading = yield from self._from_text_layer(page)
            if reading is not None:
                return reading
        # The second reader looks at the page while the first one answers.
        checks = self.checker if self.task.kind not in _UNCHECKED_TASKS else None
        begun = checks.begin(page.picture) if checks is not None else None
        draft = "\n".join(line.text for line in page.text_layer.lines) if self.engine.prompted else ""
        requests = [Request(page.picture, self.task, draft=draft)]
        about_fields = Request(page.picture, self._fields_task, draft=draft) if self._wants_fields else None
        if about_fields is not None and self.engine.prompted:
            requests.append(about_fields)
        answer, *more = yield requests
        retried = self.task.kind in RETRIED_TASKS and (is_degenerate(answer.text) or self._is_empty(answer))
        if retried:
            (again,) = yield [Request(page.picture, Task(kind=TaskKind.TEXT, language=self.settings.language))]
            answer = again if again.finish != "error" else answer
        if self._is_empty(answer):
            answer = Generation(finish="error", error="the model gave an empty answer", remedy=_REMEDY)
        if answer.finish == "error":
            return self._failed(page, PageError(answer.error or "the engine failed", remedy=answer.remedy))
        if answer.lines or not answer.text:
            # An engine that gives lines has given all there is.
            reading = self._from_lines(page, answer)
            if is_coarse(page) and self._misses(reading):
                reading = yield from self._finer(page, reading)
            return reading
        if about_fields is not None and not more:
            more = yield [about_fields]
        task = Task(kind=TaskKind.TEXT) if retried else self.task
        content = self._arranged(read_answer(answer, task))
        if retried and not content.markdown and content.status is not Status.BLANK:
            why = f"the model gave only coordinates or a preamble{f'; again: {again.error}' if again.error else ''}"
            return self._failed(page, PageError(why, remedy=_REMEDY), raw=answer.text)
        if retried and content.status is Status.OK:
            content = replace(content, status=Status.DEGENERATE_RETRIED)
        checked = Verified(content)
        if checks is not None and begun is not None:
            whole = task.kind in _WHOLE_TASKS
            checked = yield from checks.steps(page.picture, begun, content, answer, whole_page=whole)
            if content.status is Status.BLANK and checked.legible:
                why = "the model says that the page is empty, but the second reader sees text on it"
                return self._failed(page, PageError(why, remedy=_REMEDY), raw=answer.text)
        return self._reading(page, checked, answer=answer, values=more[0] if more else None)

    def _is_empty(self, answer: Generation) -> bool:
        """Whether a language model said nothing; of a page without text, it says that there is none.

        Most frames of a film have no subtitle, so that there an empty answer is one.
        """
        wanted = self.engine.prompted and self.task.kind is not TaskKind.SUBTITLE
        return wanted and answer.finish != "error" and not answer.lines and not answer.text.strip()

    @property
    def _fields_task(self) -> Task:
        language = self.settings.language
        return Task(kind=TaskKind.FIELDS, fields=self.plan.asked(language), language=language)

    @property
    def _wants_fields(self) -> bool:
        return bool(self.plan.names) and self.task.kind is not TaskKind.FIELDS

    def _of_lines(self, lines: Sequence[Line], page: Page) -> Content:
        """What the task makes of lines."""
        if self.task.kind is TaskKind.SUBTITLE:
            return read_subtitle(lines)
        return self._arranged(read_lines(lines, page.picture, edges_apart=self._edges_apart))

    @property
    def _edges_apart(self) -> bool:
        """Whether running heads are left out, as HunyuanOCR's own prompt for a document asks."""
        return self.task.kind is TaskKind.DOCUMENT

    def _arranged(self, content: Content) -> Content:
        """The content with its tables as they are wanted."""
        return with_merged_cells(content, self.settings.repeat_merged)

    def _from_lines(self, page: Page, answer: Generation) -> PageReading:
        """What an engine that gives lines has read, and what of the page it has not."""
        content = self._of_lines(answer.lines, page)
        if self.task.kind is TaskKind.SUBTITLE:  # the rest of a frame is not asked for
            return self._reading(page, Verified(content))
        unread = find_unread(page.picture, answer.lines, answer.found)
        if unread.most:
            why = _mostly_unread(page, self.engine) if answer.lines else _unread(page)
            return self._failed(page, why, lines=content.lines, doubts=unread.doubts)
        return self._reading(page, Verified(content, doubts=unread.doubts))

    def _misses(self, reading: PageReading) -> bool:
        """Whether there is more on a page than was read."""
        unread = any(doubt.kind == "unread" for doubt in reading.doubts)
        return self.task.kind is not TaskKind.SUBTITLE and (unread or not reading.lines)

    def _finer(self, page: Page, reading: PageReading) -> Flow:
        """Read a page once more with more pixels; the first reading stays where that one says no more."""
        finer = yield render_finer(page)
        if finer is None:
            return reading
        bands = bands_of(*finer.picture.size)
        answers = yield [Request(band.cut(finer.picture), self.task) for band in bands]
        answer = joined(bands, answers, finer.picture.height)
        if answer.finish == "error":
            return reading
        again = self._from_lines(finer, answer)

        def missed(one: PageReading) -> tuple[bool, int, int]:
            return one.failed, len(one.doubts), -len(one.lines)

        return min(reading, again, key=missed)

    def _from_text_layer(self, page: Page) -> Generator[Asked, Any, PageReading | None]:
        """Read a page from its own text, and by the engine what it shows besides; `None` where OCR is to read it."""
        if not (yield from self._tells_the_truth(page)):
            return None
        said = page.text_layer.lines
        regions = open_regions(page)
        if not regions:
            reading = self._reading(page, Verified(self._of_lines(said, page)), Route.TEXT_LAYER)
            reader = {"engine": "pymupdf", "model": "text-layer", "revision": version("pymupdf")}
            return reading.model_copy(update=reader)
        if self.engine.prompted and not all(region.is_small for region in regions):
            return None  # a language model gives no places to put its text among the layer's
        asked = [Request(cut, Task(kind=TaskKind.TEXT)) for cut in cut_out(page.picture, regions, said)]
        answers = yield asked
        read: list[Line] = []
        for region, answer in zip(regions, answers, strict=True):
            if answer.finish == "error":
                return self._failed(page, PageError(answer.error or "the engine failed", remedy=answer.remedy))
            read += on_page(answer.lines, region, said) if answer.lines else placed(answer.text, region)
        route = Route.MIXED if read else Route.TEXT_LAYER
        return self._reading(page, Verified(self._of_lines([*said, *read], page)), route)

    def _tells_the_truth(self, page: Page) -> Generator[Asked, Any, bool]:
        """Whether the characters of a text layer are those that the page shows, as far as it can be told."""
        known = self.checked_fonts.known(page.sha256)
        fonts = lines_by_font(page)
        if any(known.get(font) is False for font in fonts):
            return False
        open_ones = {font: lines for font, lines in fonts.items() if font not in known}
        sheet = sheet_of(page.picture, open_ones) if open_ones else None
        found: dict[str, bool] = {}
        if sheet is not None and not self.engine.prompted:
            (answer,) = yield [Request(sheet.picture, Task(kind=TaskKind.TEXT))]
            found = honest_fonts(sheet, answer.lines)
        elif sheet is not None and self.checker is not None:
            found = honest_fonts(sheet, (yield from self.checker.lines_of(sheet.picture)))
        found |= {font: False for font, lines in open_ones.items() if font not in found and not is_likely_text(lines)}
        self.checked_fonts.remember(page.sha256, found)
        return all(found.values())

    def _reading(
        self,
        page: Page,
        checked: Verified,
        route: Route = Route.OCR,
        *,
        answer: Generation | None = None,
        values: Generation | None = None,
    ) -> PageReading:
        content = checked.content
        fields = self._fields(page, checked, values, answer, ocr=route is not Route.TEXT_LAYER)
        empty = not (content.markdown.strip() or content.lines or content.regions or fields)
        status = content.status
        if status is Status.BLANK or (empty and status is Status.OK):
            status = self._without_text(page)
            if status is Status.FAILED:
                return self._failed(page, _unread(page), raw=answer.text if answer else None)
        return PageReading(
            **self._origin(page),
            page_label=page.label,
            route=route,
            status=status,
            markdown=content.markdown,
            blocks=content.blocks,
            lines=content.lines,
            tables=content.tables,
            fields=fields,
            regions=(*content.regions, *asides_of(page)),
            translation=content.translation,
            header=content.header,
            footer=content.footer,
            agreement=checked.agreement,
            doubts=checked.doubts,
            warnings=warnings_of(page),
            unseen_text=round(page.text_layer.unseen, 4),
            raw=answer.text if answer else None,
            mean_probability=answer.mean_probability if answer else None,
            least_probability=answer.least_probability if answer else None,
            width=page.picture.width,
            height=page.picture.height,
            rotation=page.rotation,
            warp=page.warp,
            dpi=page.dpi,
        ).seen_by(page.view)

    def _without_text(self, page: Page) -> Status:
        """How a page ends on which nothing was read: only one without ink, or with dust alone, is blank.

        One whose ink stands in lines has failed; one with a picture, rules or blots alone is read, and has no text. A
        language model that was asked for a part of the page, as its tables, may rightly have found none. Of a film,
        most frames have no subtitle.
        """
        if page.blank or self.task.kind is TaskKind.SUBTITLE or not has_ink(page.picture):
            return Status.BLANK
        if self.engine.prompted and self.task.kind not in _WHOLE_TASKS:
            return Status.OK
        if has_text(page.picture):
            return Status.FAILED
        return Status.BLANK if only_specks(page.picture) else Status.OK

    def _fields(
        self, page: Page, checked: Verified, values: Generation | None, answer: Generation | None, *, ocr: bool
    ) -> tuple[Field, ...]:
        content = checked.content
        if not self.plan.names:
            return ()
        found = answer if self.task.kind is TaskKind.FIELDS else values
        if found is not None:
            return fields_from_answer(
                self.plan.specs,
                found.text,
                checked.lines or content.lines,
                page=page.index,
                asked=self.plan.asked(self.settings.language),
                tables=content.tables,
            )
        again = reread_with(page.picture, self._read_again) if ocr and self.engine.rereads else None
        return find_fields(self.plan, content.lines, content.tables, page=page.index, again=again, exact=not ocr)

    def _read_again(self, pictures: Sequence[Image]) -> list[tuple[Line, ...]]:
        """The lines of pictures that were made of parts of a page."""
        answers = self.engine.generate([Request(picture, Task(kind=TaskKind.TEXT), part=True) for picture in pictures])
        return [answer.lines for answer in answers]

    def _origin(self, page: AnyPage) -> dict[str, Any]:
        """Where a reading comes from: the page, and who was asked what."""
        return {
            "source": page.source,
            "file_name": page.file_name,
            "sha256": page.sha256,
            "page": page.index,
            "total_pages": page.total,
            "engine": self.engine.name,
            "model": self.engine.model,
            "revision": self.engine.revision,
            "task": self.task.kind.value,
        }

    def _failed(
        self,
        page: AnyPage,
        error: PageError,
        *,
        raw: str | None = None,
        lines: tuple[Line, ...] = (),
        doubts: tuple[Doubt, ...] = (),
    ) -> PageReading:
        """A reading that failed; what little was read stays with it, but is no text of the page."""
        picture = page.picture if isinstance(page, Page) else None
        return PageReading(
            **self._origin(page),
            status=Status.FAILED,
            error=error.reason,
            lines=lines,
            doubts=doubts,
            raw=raw,
            width=picture.width if picture else 0,
            height=picture.height if picture else 0,
            rotation=page.rotation if isinstance(page, Page) else 0.0,
            dpi=page.dpi if isinstance(page, Page) else 0,
            warnings=warnings_of(page) if isinstance(page, Page) else (),
        ).seen_by(page.view if isinstance(page, Page) else None)


def _mostly_unread(page: Page, engine: Engine) -> PageError:
    """Why a page fails of which little was read."""
    return PageError(
        f"most of the text on the page{_coarse(page)} is illegible to {engine.model}", remedy=_UNREAD_REMEDY
    )


def _unread(page: Page) -> PageError:
    """Why a page with ink in lines has no text."""
    return PageError(
        f"there is ink in lines on the page, but nothing was read from its picture{_coarse(page)}".rstrip(","),
        remedy=_UNREAD_REMEDY,
    )


def _coarse(page: Page) -> str:
    return f", which has only {page.dpi} dpi," if 0 < page.dpi < COARSE_DPI else ""
