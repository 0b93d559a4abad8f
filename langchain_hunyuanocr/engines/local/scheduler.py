"""Scheduler, continuous batching: waiting requests take the slots of finished ones; each row is guarded alone."""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from langchain_hunyuanocr.engines.base import MOST_UNSURE, SURE, Request
from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.decoding import Decoder, Made
from langchain_hunyuanocr.engines.local.device_memory import ran_out, release
from langchain_hunyuanocr.engines.local.expected import expected_length
from langchain_hunyuanocr.engines.local.prompting import Patches, Prompt, prepared, prompt_of
from langchain_hunyuanocr.engines.local.wording import TextStream
from langchain_hunyuanocr.engines.loop_detection import TOKENS, repeated_unit, without_repetition
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation, Unsure

if TYPE_CHECKING:
    from PIL.Image import Image

_log = logging.getLogger(__name__)

_SMALLER = 2
"""How often a page that does not fit in memory is tried again with half the pixels."""
_AHEAD = 4
"""Requests whose pictures are cut into patches while the model is at work; each takes about 40 MB."""
_CUTTERS = 2
_PATCHES_TOGETHER = 4096
"""Of several pictures for one call of the vision tower, a megapixel: what is larger keeps a device busy alone."""
_SHARE = 8
"""An eighth of the slots, at least one, is filled between two bursts of steps."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where an answer ends at the latest."""

    tokens: int
    fixed: bool = False
    """Whether it runs to just as many tokens, whatever it says; only measuring wants that."""


@dataclass(eq=False)
class Job:
    """A request and whoever waits for it, who may cancel the future at any time."""

    request: Request
    limits: Limits
    future: Future[Generation] = field(default_factory=Future)
    put: Callable[[str], object] | None = None
    """Is given the text as it comes, where somebody streams it."""
    halved: int = 0
    """How often its picture was made smaller."""
    cut: Future[tuple[Patches, Prompt]] | None = None
    """What the model takes, made beside it."""
    text: TextStream | None = None
    expected: float = 0.0

    def __post_init__(self) -> None:
        self.expected = expected_length(self.request.picture, self.request.task.kind)

    def finish(self, answer: Generation | EngineError) -> None:
        """Hand the answer over, or that the engine cannot run."""
        try:
            if isinstance(answer, EngineError):
                self.future.set_exception(answer)
            else:
                self.future.set_result(answer)
        except InvalidStateError:
            _log.debug("an answer that nobody waits for any more")


class _Kept(NamedTuple):
    """A picture whose prefill is kept for another question about it."""

    picture: Image
    slot: int
    """Which holds it; an answer about it may be under way there."""
    patches: Patches
    answers: list[int]
    """What was said about it, for the answers to come are often alike."""


@dataclass(eq=False)
class _Questions:
    """All that are asked about one picture at once."""

    jobs: list[Job]
    patches: Patches
    prompts: list[Prompt]


@dataclass(eq=False)
class _Row:
    """An answer under way."""

    job: Job
    prompt: Prompt
    draft: list[int]
    """Tokens that it may repeat."""
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    probed: int = 0
    """How many tokens there were when the tail was last looked at."""

    @property
    def length(self) -> int:
        return int(self.prompt.ids.shape[1]) + len(self.tokens)


class Scheduler:
    """Runs a decoder over all requests it is given; called by one thread.

    Args:
        loaded: Model and processor.
        decoder: The model's slots.
        rows: Most answers under way at once; fewer once memory has run out.
        skip_special_tokens: Whether special tokens are left out of the text.
    """

    def __init__(self, loaded: Loaded, decoder: Decoder, *, rows: int, skip_special_tokens: bool) -> None:
        self._loaded = loaded
        self._decoder = decoder
        self._skip = skip_special_tokens
        self._ends = _end_tokens(loaded)
        self.rows = rows
        self._waiting: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._slots: list[_Row | None] = []
        self._open: dict[Job, None] = {}
        """All that still wait for an answer, in order."""
        self._kept: _Kept | None = None
        self._cutters = ThreadPoolExecutor(_CUTTERS, thread_name_prefix="hunyuanocr-patches")

    @property
    def busy(self) -> bool:
        """Whether anything waits or is under way."""
        return bool(self._open)

    def add(self, job: Job) -> None:
        """Let a request wait for a slot: the longest expected answers go first, equal ones in order."""
        self._open[job] = None
        heapq.heappush(self._waiting, (-job.expected, next(self._order), job))

    def turn(self) -> None:
        """Give free slots to waiting requests, and generate a few tokens of all answers under way."""
        import torch

        with torch.inference_mode():
            self._fill_slots()
            if self._live:
                self._generate()

    def _fill_slots(self) -> None:
        self._drop_cancelled()
        self._cut_ahead()
        questions: list[_Questions] = []
        # Not all at once, so that answers under way, and those that are streamed, do not wait for every other page.
        for _ in range(max(1, self.rows // _SHARE)):
            free = self.rows - len(self._live) - sum(len(each.jobs) for each in questions)
            if not self._waiting or free <= 0:
                break
            first = self._next()
            if first.cut is not None and not first.cut.done() and (self._live or questions):
                break
            jobs = [job for *_, job in sorted(self._waiting) if job.request.picture is first.request.picture][:free]
            self._waiting = [entry for entry in self._waiting if entry[2] not in jobs]
            heapq.heapify(self._waiting)
            if (asked := self._prepared(jobs)) is not None:
                questions.append(asked)
            self._cut_ahead()
        self._admit(questions)

    def fail(self, error: EngineError) -> None:
        """Tell everybody that the engine cannot run."""
        for job in self._open:
            job.finish(error)
        self._slots, self._waiting, self._open = [], [], {}

    def close(self) -> None:
        """Let go of all that is kept."""
        self._kept = None
        self._cutters.shutdown(wait=False, cancel_futures=True)

    @property
    def _live(self) -> list[_Row]:
        return [row for row in self._slots if row is not None]

    def _next(self) -> Job:
        """Who gets the next slot: another question about the picture that was last prefilled, else the first."""
        return next((job for *_, job in self._waiting if self._keeps(job)), self._waiting[0][2])

    def _drop_cancelled(self) -> None:
        if gone := [job for job in self._open if job.future.cancelled()]:
            for job in gone:
                del self._open[job]
            self._waiting = [entry for entry in self._waiting if not entry[2].future.cancelled()]
            heapq.heapify(self._waiting)
            for slot in reversed(range(len(self._slots))):
                row = self._slots[slot]
                if row is not None and row.job not in self._open:
                    self._free(slot)

    def _cut_ahead(self) -> None:
        """Let the next pictures be cut into patches beside the model."""
        for *_, job in heapq.nsmallest(_AHEAD, self._waiting):
            if job.cut is None and not self._keeps(job):
                job.cut = self._cutters.submit(prepared, self._loaded, job.request.picture, job.request.task.prompt)

    def _keeps(self, job: Job) -> bool:
        return self._kept is not None and self._kept.picture is job.request.picture

    def _prepared(self, jobs: list[Job]) -> _Questions | None:
        """Questions about one picture as the model takes them; a picture that cannot be read ends them."""
        first, words = jobs[0], [job.request.task.prompt for job in jobs]
        cut, first.cut = first.cut, None
        try:
            if self._kept is not None and self._keeps(first):
                patches = self._kept.patches
                prompts = [prompt_of(self._loaded, patches, each) for each in words]
            else:
                patches, prompt = cut.result() if cut else prepared(self._loaded, first.request.picture, words[0])
                prompts = [prompt, *(prompt_of(self._loaded, patches, each) for each in words[1:])]
        except ValueError as exc:
            # The processor refuses some pictures, like those 200 times as long as wide.
            for job in jobs:
                self._answer(job, Generation(finish="error", error=f"the picture cannot be read: {exc}"))
            return None
        return _Questions(jobs, patches, prompts)

    def _admit(self, questions: Sequence[_Questions]) -> None:
        """Prefill pictures, and read the questions about them."""
        waiting, rows, failed = list(questions), [], False
        try:
            for together in _batches(questions, self._keeps):
                fresh = [each.patches for each in together if not self._keeps(each.jobs[0])]
                seen = iter(self._decoder.see(fresh) if fresh else [])
                for each in together:
                    rows += self._prefill(each, seen)
                    waiting.remove(each)
        except Exception as exc:
            if not ran_out(exc):
                raise
            failed = True
        if failed:
            # Only here, where the error no longer holds on to what was computed.
            self._make_room([job for each in waiting for job in each.jobs])
        self._begin(rows)

    def _prefill(self, questions: _Questions, seen: Iterator[Any]) -> list[_Row]:
        jobs, patches, prompts = questions.jobs, questions.patches, questions.prompts
        kept = self._kept if self._keeps(jobs[0]) else None
        slots = self._free_slots(len(jobs))
        if kept is None:
            self._kept = None  # what it holds may be written over now, also where that fails
            self._decoder.prefill(slots[0], next(seen), prompts[0])
            kept = self._kept = _Kept(jobs[0].request.picture, slots[0], patches, [])
        for slot, prompt in zip(slots, prompts, strict=True):
            if slot != kept.slot:
                self._decoder.share(kept.slot, slot, prompt)
        rows = [_Row(job, prompt, self._draft(job, kept)) for job, prompt in zip(jobs, prompts, strict=True)]
        for slot, row in zip(slots, rows, strict=True):
            self._slots += [None] * (slot + 1 - len(self._slots))
            self._slots[slot] = row
        return rows

    def _begin(self, rows: Sequence[_Row]) -> None:
        """Read the ends of questions whose pictures are prefilled, all at once."""
        begun = [(slot, row) for slot, row in enumerate(self._slots) if row is not None and row in rows]
        if not begun:
            return
        made = None
        try:
            made = self._decoder.begin(
                [slot for slot, _ in begun], [row.prompt for _, row in begun], [row.draft for _, row in begun]
            )
        except Exception as exc:
            if not ran_out(exc):
                raise
        if made is None:
            self._make_room()
            return
        for (slot, row), new in zip(begun, made, strict=True):
            self._take(slot, row, new)

    def _free_slots(self, count: int) -> list[int]:
        """The first free slots, that of the kept picture last: it is whole there for more questions."""
        free = [slot for slot, row in enumerate(self._slots) if row is None]
        free += range(len(self._slots), len(self._slots) + count)
        return free[:count]

    def _draft(self, job: Job, kept: _Kept) -> list[int]:
        """Tokens that an answer may repeat: what the request says it is like, and other answers about the picture."""
        draft = job.request.draft
        if not draft:
            return kept.answers
        # Lines run on in paragraphs.
        texts = [draft, " ".join(draft.split("\n"))] if "\n" in draft.strip() else [draft]
        encode = self._loaded.processor.tokenizer
        return [token for text in texts for token in encode(text, add_special_tokens=False)["input_ids"]] + kept.answers

    def _generate(self) -> None:
        if not self._waiting:
            self._close_ranks()
        longest = max(row.length for row in self._live)
        made = None
        try:
            made = self._decoder.step(len(self._slots), longest)
        except Exception as exc:
            if not ran_out(exc):
                raise
        if made is None:
            self._make_room()
            return
        for slot, (row, new) in enumerate(zip(list(self._slots), made, strict=True)):
            if row is not None:
                self._take(slot, row, new)

    def _take(self, slot: int, row: _Row, made: Made) -> None:
        """Add new tokens to an answer, up to where it ends."""
        job = row.job
        for token, probability in zip(*made, strict=True):
            if token in self._ends and not job.limits.fixed:
                self._finish(slot, row, "stop")
                return
            row.tokens.append(token)
            row.probabilities.append(probability)
            if len(row.tokens) >= job.limits.tokens:
                self._finish(slot, row, "length")
                return
        if not job.limits.fixed and len(row.tokens) - row.probed >= TOKENS.probe_every:
            row.probed = len(row.tokens)
            if self._loop(row) is not None:
                self._finish(slot, row, "repetition")
                return
        if job.put is not None:
            if job.text is None:
                job.text = TextStream(
                    self._loaded.processor.tokenizer.backend_tokenizer, skip_special_tokens=self._skip
                )
            if piece := job.text.push(row.tokens):
                job.put(piece)

    def _finish(self, slot: int, row: _Row, finish: Literal["stop", "length", "repetition"]) -> None:
        self._free(slot)
        job, tokens = row.job, row.tokens
        if self._kept is not None and self._keeps(job):
            self._kept.answers.extend(tokens)
        unit = None if job.limits.fixed else self._loop(row)
        if unit is not None:
            tokens, finish = list(without_repetition(tokens, unit)), "repetition"
        probabilities = row.probabilities[: len(tokens)]
        text = self._decode(tokens)
        if job.put is not None:
            said = job.text.said if job.text else ""
            if len(text) > len(said) and text.startswith(said):
                job.put(text[len(said) :])
        self._answer(
            job,
            Generation(
                text=text,
                finish=finish,
                mean_probability=sum(probabilities) / len(probabilities) if probabilities else None,
                least_probability=min(probabilities, default=None),
                unsure=self._unsure(tokens, probabilities),
            ),
        )

    def _unsure(self, tokens: Sequence[int], probabilities: Sequence[float]) -> tuple[Unsure, ...]:
        """Where in the text the model was not sure of its tokens."""
        found: list[Unsure] = []
        for number, probability in enumerate(probabilities):
            if probability < SURE and len(found) < MOST_UNSURE:
                start, end = len(self._decode(tokens[:number])), len(self._decode(tokens[: number + 1]))
                if start < end:
                    found.append(Unsure(start, end, round(probability, 4)))
        return tuple(found)

    def _answer(self, job: Job, answer: Generation) -> None:
        self._open.pop(job, None)
        job.finish(answer)

    def _loop(self, row: _Row) -> int | None:
        return repeated_unit(row.tokens[-TOKENS.window :], TOKENS, self._decode)

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._loaded.processor.tokenizer.decode(tokens, skip_special_tokens=self._skip))

    def _free(self, slot: int) -> None:
        self._slots[slot] = None
        self._decoder.end(slot)
        while self._slots and self._slots[-1] is None:
            self._slots.pop()

    def _close_ranks(self) -> None:
        """Move the last answers into free slots, so that steps are over fewer of them."""
        while None in self._slots:
            row = self._slots.pop()
            if row is not None:
                target = self._slots.index(None)
                if self._kept is not None and self._kept.slot == target:
                    self._kept = None
                self._decoder.move(len(self._slots), target, row.length)
                self._slots[target] = row

    def _make_room(self, jobs: Sequence[Job] = ()) -> None:
        """Memory has run out: half of the answers wait again; of a single page, the picture is halved.

        Args:
            jobs: The requests that did not fit, where they are none of those under way.
        """
        self._kept = None
        release()
        rows = self._live
        device = self._loaded.device
        if len(rows) + len(jobs) > 1:
            self.rows = max(1, len(rows) // 2) if rows else max(1, len(jobs) // 2)
            at_once = len(rows) or len(jobs)
            _log.warning("out of memory on %s with %d pages at once, going on with %d", device, at_once, self.rows)
            # The shortest have the least to lose.
            rows.sort(key=lambda row: len(row.tokens), reverse=True)
            for row in rows[self.rows :]:
                self._free(self._slots.index(row))
                self._wait_again(row.job)
            self._close_ranks()
            for job in jobs:
                self._wait_again(job)
        else:
            if rows:
                self._free(self._slots.index(rows[0]))
            for alone in [row.job for row in rows] or jobs:
                self._halve(alone)
        self._decoder.cut(len(self._slots))
        release()

    def _halve(self, job: Job) -> None:
        picture = job.request.picture
        if job.halved == _SMALLER:
            where = f"{self._loaded.device} at {picture.width} x {picture.height} pixels"
            remedy = "lower max_pixels, free memory of the device, or take the server engine"
            self._answer(job, Generation(finish="error", error=f"out of memory on {where}", remedy=remedy))
            return
        size = f"{picture.width} x {picture.height}"
        _log.warning("out of memory on %s with %s pixels, trying half of them", self._loaded.device, size)
        job.halved += 1
        share = 2**-0.5
        smaller = picture.resize((max(1, round(picture.width * share)), max(1, round(picture.height * share))))
        job.request = replace(job.request, picture=smaller)
        self._wait_again(job)

    def _wait_again(self, job: Job) -> None:
        job.cut = None
        if job.text is not None:
            job.text.restart()
        self.add(job)


def _batches(questions: Sequence[_Questions], keeps: Callable[[Job], bool]) -> Iterator[list[_Questions]]:
    """Pictures that the vision tower sees in one call: small ones together, large ones and the kept one alone."""
    batch: list[_Questions] = []
    size = 0
    for each in questions:
        count = 0 if keeps(each.jobs[0]) else int(each.patches.values.shape[0])
        if batch and size + count > _PATCHES_TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += count
    if batch:
        yield batch


def _end_tokens(loaded: Loaded) -> frozenset[int]:
    """Ids that end an answer: the tokenizer's, and those of the checkpoint's own settings."""
    named = loaded.model.generation_config.eos_token_id
    more = named if isinstance(named, list) else [named]
    return frozenset({loaded.processor.tokenizer.eos_token_id, *more} - {None})
