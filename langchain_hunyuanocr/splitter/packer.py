"""Packer: fills chunks with the units of a text, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from langchain_hunyuanocr.splitter.boundaries import sentence_starts
from langchain_hunyuanocr.splitter.cutter import Cutter, LengthLimit
from langchain_hunyuanocr.splitter.long_tables import ChunkSpan, cut_table
from langchain_hunyuanocr.splitter.units import Unit


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that stands open above the text."""

    level: int
    title: str


Path = tuple[Heading, ...]


@dataclass(slots=True)
class Section:
    """Units under one heading path, that heading included."""

    path: Path
    units: list[Unit] = field(default_factory=list)
    last_path: Path = ()
    """The headings that stand open after it; others than `path` where sections were merged."""

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.units[0].start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.units[-1].end


def sections_of(units: Iterable[Unit], path: Path) -> Iterator[Section]:
    """Units grouped under their headings; headings that follow each other without text go together.

    Args:
        units: In reading order.
        path: What stands open from the page before.
    """
    section = Section(path, last_path=path)
    for unit in units:
        if unit.kind == "heading":
            if any(known.kind != "heading" for known in section.units):
                yield section
                section = Section(path, last_path=path)
            if unit.title:
                path = (*(h for h in path if h.level < unit.level), Heading(unit.level, unit.title))
            section.path = section.last_path = path
        section.units.append(unit)
    if section.units:
        yield section


def merged(text: str, sections: Iterable[Section], ruler: LengthLimit) -> Iterator[Section]:
    """Neighbouring sections that fit into one chunk, made one under the headings that they share.

    Where they share none, the first one's path stays: it names where the chunk begins.
    """
    held: Section | None = None
    for section in sections:
        if held is not None and ruler.fits(text[held.start : section.end]):
            shared = tuple(a for a, b in zip(held.path, section.path, strict=False) if a == b)
            held = Section(shared or held.path, held.units + section.units, section.last_path)
            continue
        if held is not None:
            yield held
        held = section
    if held is not None:
        yield held


def pack(text: str, section: Section, ruler: LengthLimit, overlap: int) -> Iterator[ChunkSpan]:
    """Pieces of a section: blocks stay whole where they fit, and a heading stays with what it heads."""
    if ruler.fits(text[section.start : section.end]):
        yield ChunkSpan(section.start, section.end)
        return
    units = list(_fitted(text, section.units, ruler))
    yield from _Packer(text, ruler, Cutter(text, ruler, _stops(text, units, ruler), overlap)).pack(units)


def _fitted(text: str, units: Iterable[Unit], ruler: LengthLimit) -> Iterator[Unit]:
    """The units, but a caption is let go where it alone keeps its table from fitting."""
    for unit in units:
        if (
            unit.body > unit.start
            and not ruler.fits(text[unit.start : unit.end])
            and ruler.fits(text[unit.body : unit.end])
        ):
            yield Unit("paragraph", unit.start, unit.body, body=unit.start)
            yield replace(unit, start=unit.body)
        else:
            yield unit


def _stops(text: str, units: Iterable[Unit], ruler: LengthLimit) -> list[int]:
    """Where a unit or a sentence begins; inside a table or a formula that fits there is no place to stop."""
    stops: list[int] = []
    for unit in units:
        stops.append(unit.start)
        content = text[unit.start : unit.end]
        if unit.kind == "table" or (unit.kind == "formula" and ruler.fits(content)):
            continue
        found = sentence_starts(content)
        if unit.kind == "list":
            found = sorted({*found, *_items(content)})
        stops += [unit.start + start for start in found]
    return stops


def _items(content: str) -> Iterator[int]:
    """Where the items of a list begin."""
    offset = 0
    for line in content.splitlines(keepends=True):
        if offset and line.strip():
            yield offset
        offset += len(line)


@dataclass(slots=True)
class _Packer:
    text: str
    ruler: LengthLimit
    cutter: Cutter
    begun: tuple[int, int] | None = None
    """The piece that is being filled."""
    only_headings: bool = True

    def pack(self, units: Iterable[Unit]) -> Iterator[ChunkSpan]:
        for unit in units:
            if self.begun is not None and self._fits(self.begun[0], unit.end):
                self.begun = (self.begun[0], unit.end)
            elif unit.kind in ("table", "formula") and self._fits(unit.start, unit.end):
                yield from self._close()
                self.begun = (unit.start, unit.end)
            elif unit.kind == "table":
                lead = unit.start
                if self.begun is not None and self.only_headings:
                    lead, self.begun = self.begun[0], None
                yield from self._close()
                yield from cut_table(self.text, unit, self.ruler, lead=lead)
            elif self._fits(unit.start, unit.end) and not (self.begun is not None and self.only_headings):
                start = self._overlapped(unit)
                yield from self._close()
                self.begun = (start, unit.end)
            else:
                yield from self._cut(unit)
            self.only_headings = self.only_headings and unit.kind == "heading"
        yield from self._close()

    def _fits(self, start: int, end: int) -> bool:
        return self.ruler.fits(self.text[start:end])

    def _close(self) -> Iterator[ChunkSpan]:
        if self.begun is not None:
            yield ChunkSpan(*self.begun)
            self.begun = None

    def _overlapped(self, unit: Unit) -> int:
        if self.begun is None:
            return unit.start
        return self.cutter.overlapped(self.begun[0], unit.start, lambda begin: self._fits(begin, unit.end))

    def _cut(self, unit: Unit) -> Iterator[ChunkSpan]:
        """A unit that cannot stay whole: what was begun is filled up with its first sentences."""
        start = unit.start if self.begun is None else self.begun[0]
        lead_end = unit.start if self.begun is not None and self.only_headings else -1
        *done, self.begun = self.cutter.cut(start, unit.end, lead_end=lead_end)
        for stretch in done:
            yield ChunkSpan(*stretch)
