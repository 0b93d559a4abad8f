"""Scheduler, continuous batching: waiting requests take the slots of finished ones; each row is guarded alone."""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from langchain_hunyuanocr.engines.base import MOST_UNSURE, SURE, Request
from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.decoding import Decoder, Prefix
from langchain_hunyuanocr.engines.local.device_memory import ran_out, release
from langchain_hunyuanocr.engines.local.expected import expected_length
from langchain_hunyuanocr.engines.local.prompting import Patches, patches_of, prompt_of
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
    cut: Future[Patches] | None = None
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
    prefix: Prefix
    patches: Patches


@dataclass(eq=False)
class _Row:
    """An answer under way."""

    job: Job
    asked: int
    """Tokens of its prompt."""
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    probed: int = 0
    """How many tokens there were when the tail was last looked at."""

    @property
    def length(self) -> int:
        return self.asked + len(self.tokens)


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
        while self._waiting and len(self._live) < self.rows:
            entry = self._next()
            cut = entry[2].cut
            if cut is not None and not cut.done() and self._live:
                break
            self._waiting.remove(entry)
            heapq.heapify(self._waiting)
            self._admit(entry[2])
            self._cut_ahead()

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

    def _next(self) -> tuple[float, int, Job]:
        """Who gets the next slot: another question about the picture that was last prefilled, else the first."""
        if self._kept is not None:
            for entry in self._waiting:
                if entry[2].request.picture is self._kept.picture:
                    return entry
        return self._waiting[0]

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
                job.cut = self._cutters.submit(patches_of, self._loaded, job.request.picture)

    def _keeps(self, job: Job) -> bool:
        return self._kept is not None and self._kept.picture is job.request.picture

    def _admit(self, job: Job) -> None:
        """Prefill a request into a free slot; a picture that cannot be read ends it."""
        try:
            self._begin(job)
        except ValueError as exc:
            # The processor refuses some pictures, like those 200 times as long as wide.
            self._answer(job, Generation(finish="error", error=f"the picture cannot be read: {exc}"))
            return
        except Exception as exc:
            if not ran_out(exc):
                raise
        else:
            return
        # Only here, where the error no longer holds on to what was computed.
        self._make_room(job)

    def _begin(self, job: Job) -> None:
        kept = self._kept if self._keeps(job) else None
        patches = kept.patches if kept else self._patches(job)
        prompt = prompt_of(self._loaded, patches, job.request.task.prompt)
        if kept is None:
            # The one before goes first, so that there are never two.
            self._kept = None
            kept = self._kept = _Kept(job.request.picture, self._decoder.prefix(patches, prompt), patches)
        slot = self._slots.index(None) if None in self._slots else len(self._slots)
        token, probability = self._decoder.begin(slot, kept.prefix, prompt)
        row = _Row(job, asked=int(prompt.ids.shape[1]))
        self._slots[slot : slot + 1] = [row]
        self._take(slot, row, [token], [probability])

    def _patches(self, job: Job) -> Patches:
        cut, job.cut = job.cut, None
        return cut.result() if cut is not None else patches_of(self._loaded, job.request.picture)

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
        for slot, (row, tokens, probabilities) in enumerate(zip(list(self._slots), *made, strict=True)):
            if row is not None:
                self._take(slot, row, tokens, probabilities)

    def _take(self, slot: int, row: _Row, tokens: Sequence[int], probabilities: Sequence[float]) -> None:
        """Add new tokens to an answer, up to where it ends."""
        job = row.job
        for token, probability in zip(tokens, probabilities, strict=True):
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
                self._decoder.move(len(self._slots), target, row.length)
                self._slots[target] = row

    def _make_room(self, job: Job | None = None) -> None:
        """Memory has run out: half of the answers wait again; of a single page, the picture is halved.

        Args:
            job: The request that did not fit, where it is not one of those under way.
        """
        self._kept = None
        release()
        rows = self._live
        device = self._loaded.device
        if len(rows) > 1 or (rows and job is not None):
            self.rows = max(1, len(rows) // 2)
            _log.warning("out of memory on %s with %d pages at once, going on with %d", device, len(rows), self.rows)
            # The shortest have the least to lose.
            rows.sort(key=lambda row: len(row.tokens), reverse=True)
            for row in rows[self.rows :]:
                self._free(self._slots.index(row))
                self._wait_again(row.job)
            self._close_ranks()
            if job is not None:
                self._wait_again(job)
        else:
            alone = job
            if rows:
                alone = rows[0].job
                self._free(self._slots.index(rows[0]))
            if alone is not None:
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
        job.request = Request(smaller, job.request.task)
        self._wait_again(job)

    def _wait_again(self, job: Job) -> None:
        job.cut = None
        if job.text is not None:
            job.text.restart()
        self.add(job)


def _end_tokens(loaded: Loaded) -> frozenset[int]:
    """Ids that end an answer: the tokenizer's, and those of the checkpoint's own settings."""
    named = loaded.model.generation_config.eos_token_id
    more = named if isinstance(named, list) else [named]
    return frozenset({loaded.processor.tokenizer.eos_token_id, *more} - {None})
