"""Trains the tiny HunYuanVL model in `tests/checkpoint`, which reads the pages of `tests/tiny_pages.py`.

    python -m tests.train_tiny [--steps N] [--out DIR] [--threads N] [--score N]

The model is of the real architecture and starts from random weights. It first learns to name the glyph in each cell
with the vision tower alone, then to answer all tasks, on pages that grow. Three more losses are for training only:
features must name their cell ("name") and tell its edges ("place"), and the second layer's output at each glyph, on the
page and in the answer, must name the glyph that was read before it ("link"). The layers above then only have to match
the two, which is copying in order; without "link" it takes many times the steps. Late in training whole batches of
endless pages teach that a loop goes on at any length.

The checkpoint kept: 671,072 parameters, 2.7 MB, from rounds of 822, 304 and 229 s on one thread of a busy machine. Of
100 unseen pages, half of them boxed (`--steps 0 --score 50`), it read exactly, in fp32 and greedily: text 95, document
99, spotting 98, table 97, fields 100; answers have 2 to about 115 tokens, but a page misread may be repeated without
end. Endless pages all went on to the limit; the unit was said exactly for 700 tokens on 37 of 50, for 1600 on 6 of 10.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import AutoProcessor, HunYuanVLForConditionalGeneration, HunYuanVLProcessor

from langchain_hunyuanocr.tasks import Task
from tests.tiny_model import EDGES, IMAGE_END, IMAGE_START, PIECES, SYSTEM_END, USER, make_model, make_processor
from tests.tiny_pages import BOXED, COLUMNS, GLYPHS, LOOP, PLAIN, ROWS, TASKS, TinyPage, expected, picture, random_page

STEPS = 3200
RATE = 3e-3
BATCH_TOKENS = 1500
LOOK_STEPS = 150
SEED = 0


@dataclass
class Segment:
    """A prompt and its answer behind the image of a page."""

    task: Task
    prompt: list[int]
    answer: list[int]
    gap_at: int = 0
    gap: int = 0


@dataclass
class Sheet:
    """A batch: `ids`, `labels`, `recent` glyphs and `owner` segments of shape (pages, tokens), `positions` (4, ...)."""

    ids: torch.Tensor
    labels: torch.Tensor
    recent: torch.Tensor
    owner: torch.Tensor
    positions: torch.Tensor


@dataclass
class Round:
    """One run over `steps`: `rate` warmed up and wound down; every so many steps a batch of endless pages."""

    steps: int
    rate: float
    seed: int
    endless_every: int
    fresh: bool = False


class Teacher:
    """Makes lessons of pages, and says how far the model's answers are from the right ones."""

    def __init__(self, processor: HunYuanVLProcessor, model: HunYuanVLForConditionalGeneration) -> None:
        self.model, self.tokenizer = model, processor.tokenizer
        self.vocabulary = self.tokenizer.get_vocab() | {"\n": self._id("Ċ"), " ": self._id("Ġ")}
        self.glyphs = {glyph: self._id(glyph) for glyph in GLYPHS}
        self.blank, self.newline, self.nothing = self._id("Ġ"), self._id("Ċ"), self.tokenizer.pad_token_id
        self.marks = {LOOP: self._id("*"), BOXED: self._id("@")}
        self.head = [self.tokenizer.bos_token_id, self._id(SYSTEM_END), self._id(IMAGE_START)]
        self.prompts = {
            task: [self._id(IMAGE_END), *self.tokenizer(task.prompt + USER, add_special_tokens=False)["input_ids"]]
            for task in TASKS
        }
        pictures = processor.image_processor
        self.mean, self.std = (torch.tensor(of)[:, None, None] for of in (pictures.image_mean, pictures.image_std))
        self.queue = torch.nn.Linear(model.config.text_config.hidden_size, 3 * len(EDGES))
        self.links = torch.nn.Linear(model.config.text_config.hidden_size, len(self.tokenizer))
        self._second: torch.Tensor | None = None
        model.model.language_model.layers[1].register_forward_hook(self._keep)

    def look(self, pages: list[TinyPage], rng: random.Random) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """What the vision tower makes of pages of one size, and how far it is from naming and placing the glyphs."""
        patches, height, width = self._patches(pages, rng)
        tower = self.model.model.vision_tower
        embed = tower.embeddings.patch_embedding
        hidden = functional.linear(patches, embed.weight.flatten(1), embed.bias)
        hidden = hidden + tower.embeddings.interpolate_pos_encoding(hidden, height, width)
        for layer in tower.layers:
            whole = torch.tensor([0, height * width])
            hidden = layer(hidden, attention_mask=None, cu_seqlens=whole, max_seqlen=height * width)
        features = tower.patch_merger(hidden, size=(height, width))
        named = 4 * features @ self._embedding.T
        edges = self._edges(pages[0]).expand(len(pages), -1, -1)
        placed = self.queue(features).view(*edges.shape, -1)
        return features, {
            "name": functional.cross_entropy(named.flatten(0, 1), self._cells(pages).flatten()),
            "place": functional.cross_entropy(placed.flatten(0, 2), edges.flatten()),
        }

    def teach(
        self, pages: list[TinyPage], rng: random.Random, loop: int = 40
    ) -> tuple[dict[str, torch.Tensor], dict[str, list[bool]]]:
        """The losses over all tasks on these pages of one size, and which answers were wholly right.

        Args:
            pages: All of the same rows and columns.
            rng: Where chance comes from.
            loop: Tokens of the answer to a page that is repeated without end.
        """
        features, losses = self.look(pages, rng)
        lessons = [[self._segment(page, task, rng, loop) for task in self._tasks(page, rng, loop)] for page in pages]
        sheet = self._sheet(pages, lessons, len(self.head) + features.shape[1])
        language = self.model.model.language_model
        head = language.embed_tokens(torch.tensor(self.head)).expand(len(pages), -1, -1)
        text = language.embed_tokens(sheet.ids[:, len(self.head) + features.shape[1] :])
        # Every segment sees the image and itself, so that the image is paid for once.
        sees = (sheet.owner[:, None, :] == 0) | (sheet.owner[:, None, :] == sheet.owner[:, :, None])
        hidden = language(
            inputs_embeds=torch.cat([head, features, text], 1),
            attention_mask=(sees & torch.ones_like(sees[0]).tril())[:, None],
            position_ids=sheet.positions,
            use_cache=False,
        ).last_hidden_state
        said, known = sheet.labels != -100, sheet.recent != -100
        logits = hidden[said] @ self._embedding.T
        losses["answer"] = functional.cross_entropy(logits, sheet.labels[said])
        losses["link"] = functional.cross_entropy(self.links(self._second[known]), sheet.recent[known])
        right = torch.ones_like(said)
        right[said] = logits.argmax(-1) == sheet.labels[said]
        exact: dict[str, list[bool]] = {}
        for row, segments in enumerate(lessons):
            for number, one in enumerate(segments, 1):
                kind = LOOP if pages[row].mark == LOOP else one.task.kind.value
                exact.setdefault(kind, []).append(bool(right[row][sheet.owner[row] == number].all()))
        return losses, exact

    def _sheet(self, pages: list[TinyPage], lessons: list[list[Segment]], start: int) -> Sheet:
        """The segments of each page, which begin at `start`, side by side in one row.

        Positions are those of a page alone: image index 0 in every row, and each segment right behind the image.
        """
        length = start + max(sum(len(one.prompt) + len(one.answer) - 1 for one in segments) for segments in lessons)
        ids = torch.full((len(pages), length), self.nothing)
        labels, recent, owner = torch.full_like(ids, -100), torch.full_like(ids, -100), torch.full_like(ids, 99)
        recent[:, len(self.head) : start] = self._before(pages)
        owner[:, :start] = 0
        positions = torch.arange(length).repeat(4, len(pages), 1)
        grid = self.model.model.get_vision_position_ids((2 * pages[0].rows, 2 * pages[0].columns), 2)
        positions[1:3, :, len(self.head) + 1 : start - 1] = grid[:, None]
        positions[3, :, len(self.head) + 1 : start - 1] = 0
        for row, segments in enumerate(lessons):
            at = start
            for number, one in enumerate(segments, 1):
                ask, end = at + len(one.prompt) - 1, at + len(one.prompt) + len(one.answer) - 1
                ids[row, at:end] = torch.tensor((one.prompt + one.answer)[:-1])
                labels[row, ask:end] = torch.tensor(one.answer)
                recent[row, ask:end] = torch.tensor(self._recent(one.answer))
                owner[row, at:end] = number
                positions[:, row, at:end] = torch.arange(start, start + end - at)
                positions[:, row, ask + 1 + one.gap_at : end] += one.gap
                at = end
        return Sheet(ids, labels, recent, owner, positions)

    @property
    def _embedding(self) -> torch.Tensor:
        return self.model.model.language_model.embed_tokens.weight

    def _id(self, token: str) -> int:
        return self.tokenizer.convert_tokens_to_ids(token)

    def _keep(self, module: object, args: object, output: torch.Tensor) -> None:
        self._second = output

    def _tasks(self, page: TinyPage, rng: random.Random, loop: int) -> tuple[Task, ...]:
        return tuple(rng.sample(TASKS, 2 if loop < 100 else 1)) if page.mark == LOOP else TASKS

    def _segment(self, page: TinyPage, task: Task, rng: random.Random, loop: int) -> Segment:
        answer = [self.vocabulary[piece] for piece in PIECES.findall(expected(page, task))]
        if page.mark != LOOP:
            return Segment(task, self.prompts[task], [*answer, self.tokenizer.eos_token_id])
        unit, copies = len(answer), 2 + loop // len(answer)
        # The copies after the first may stand anywhere further on, which teaches that a loop has no end.
        gap = unit * rng.randint(0, 2500 // unit) if rng.random() < 0.7 else 0
        return Segment(task, self.prompts[task], (answer * copies)[: max(unit + 8, loop)], unit, gap)

    def _recent(self, answer: list[int]) -> list[int]:
        """The glyph read last, at each place of the answer."""
        last, found = self.nothing, [self.nothing]
        for token in answer[:-1]:
            last = token if token in self.glyphs.values() else last
            found.append(last)
        return found

    def _before(self, pages: list[TinyPage]) -> torch.Tensor:
        """The glyph that is read before each glyph of the page, where a cell holds one."""
        found = torch.full((len(pages), pages[0].rows * (pages[0].columns + 1) + 2), -100)
        for number, page in enumerate(pages):
            last = self.nothing
            for row, line in enumerate(page.lines):
                for column, glyph in enumerate(line):
                    if glyph != " ":
                        found[number, 1 + row * (page.columns + 1) + column] = last
                        last = self.glyphs[glyph]
        return found

    def _edges(self, page: TinyPage) -> torch.Tensor:
        """Where in `EDGES` the top, bottom and right edge of each cell stand."""
        found = torch.full((page.rows * (page.columns + 1) + 2, 3), -100)
        grid = found[1:-1].view(page.rows, page.columns + 1, 3)
        for row in range(page.rows):
            for column in range(page.columns):
                edges = (1000 * row // page.rows, 1000 * (row + 1) // page.rows, 1000 * (column + 1) // page.columns)
                grid[row, column] = torch.tensor([EDGES.index(str(edge)) for edge in edges])
        return found

    def _cells(self, pages: list[TinyPage]) -> torch.Tensor:
        """The names of all cells, with the row ends between them and nothing for the image's two ends."""
        found = torch.full((len(pages), pages[0].rows * (pages[0].columns + 1) + 2), -100)
        for number, page in enumerate(pages):
            grid = torch.full((page.rows, page.columns + 1), self.blank)
            grid[:, -1] = self.newline
            for row, line in enumerate(page.lines):
                grid[row, : len(line)] = torch.tensor([self.vocabulary[glyph] for glyph in line])
            if page.mark:
                grid[-1, -2] = self.marks[page.mark]
            found[number, 1:-1] = grid.flatten()
        return found

    def _patches(self, pages: list[TinyPage], rng: random.Random) -> tuple[torch.Tensor, int, int]:
        """Pictures with other greys and some noise, cut as the image processor cuts them."""
        drawn = np.stack([np.asarray(picture(page, rng).convert("L")) for page in pages])
        paper, ink = 1 - 0.15 * torch.rand(len(pages), 1, 1), 0.25 * torch.rand(len(pages), 1, 1)
        grey = ink + torch.from_numpy(drawn).float() / 255 * (paper - ink)
        grey = grey + 0.03 * torch.randn_like(grey)
        colours = (grey[:, None].expand(-1, 3, -1, -1) - self.mean) / self.std
        height, width = colours.shape[2] // 16, colours.shape[3] // 16
        cut = colours.reshape(len(pages), 3, height, 16, width, 16).permute(0, 2, 4, 1, 3, 5)
        return cut.reshape(len(pages), height * width, -1), height, width


def train(steps: int, out: Path) -> None:
    """Train from the start, then twice over again at lower rates, and write the checkpoint to `out`."""
    torch.manual_seed(SEED)
    processor = make_processor()
    _learn(processor, make_model(processor.tokenizer), Round(steps, RATE, SEED, 8, fresh=True), out)
    for round_ in (Round(steps // 4, RATE / 2, SEED + 2, 8), Round(steps // 4, RATE / 4, SEED + 3, 32)):
        refine(out, round_)


def refine(folder: Path, round_: Round) -> None:
    """Train the checkpoint in `folder` on, on pages of all sizes."""
    torch.manual_seed(round_.seed)
    model = HunYuanVLForConditionalGeneration.from_pretrained(folder)
    _learn(AutoProcessor.from_pretrained(folder), model, round_, folder)


def _learn(processor: HunYuanVLProcessor, model: HunYuanVLForConditionalGeneration, round_: Round, out: Path) -> None:
    rng, steps, fresh = random.Random(round_.seed), round_.steps, round_.fresh
    teacher = Teacher(processor, model.train())
    weights = [*model.parameters(), *teacher.links.parameters(), *teacher.places.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=round_.rate, betas=(0.9, 0.98), weight_decay=0.01)

    def step(losses: dict[str, torch.Tensor], rate: float, place: float) -> None:
        optimizer.param_groups[0]["lr"] = round_.rate * rate
        sum((loss * (place if name == "place" else 1.0) for name, loss in losses.items()), torch.zeros(())).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    began = time.monotonic()
    for done in range(LOOK_STEPS if fresh else 0):
        rows, columns = rng.choice(ROWS), rng.choice(COLUMNS)
        marks = rng.choices([PLAIN, LOOP, BOXED], k=1000 // rows // columns)
        pages = [random_page(rng, rows, columns, mark) for mark in marks]
        step(teacher.look(pages, rng)[1], min(1.0, (done + 1) / 30), 0.0)
    for done in range(steps):
        part = done / steps
        endless = (part > 0.6 or not fresh) and done % round_.endless_every == round_.endless_every - 1
        pages = endless_pages(rng) if endless else mixed_pages(rng, min(1.0, part / 0.6) if fresh else 1.0)
        losses, exact = teacher.teach(pages, rng, 500 if endless else 40)
        place = 0.3 * min(1.0, max(0.0, part - 0.3) * 5) if fresh else 0.3
        step(losses, min(1.0, (done + 1) / 100, max(0.02, (1 - part) / 0.4)), place)
        if done % 50 == 48:
            told = {name: round(loss.item(), 3) for name, loss in losses.items()}
            rights = {kind: f"{sum(of)}/{len(of)}" for kind, of in exact.items()}
            print(f"{done + 1} {time.monotonic() - began:.0f} s {told} {rights}", flush=True)  # noqa: T201
    model.save_pretrained(out)
    processor.save_pretrained(out)


def mixed_pages(rng: random.Random, grown: float) -> list[TinyPage]:
    """Pages of one size, for one step; sizes grow with `grown` from 0 to 1."""
    rows = rng.choice(ROWS[: round(2 + grown * (len(ROWS) - 2))])
    columns = rng.choice(COLUMNS[: round(2 + grown * (len(COLUMNS) - 2))])
    each = 70 + rows * (columns + 1) + 5 * (0.6 * rows * columns + 3 * rows)
    marks = rng.choices([PLAIN, LOOP, BOXED], [80, 10, 10], k=max(4, int(BATCH_TOKENS / each)))
    return [random_page(rng, rows, columns, mark) for mark in marks]


def endless_pages(rng: random.Random) -> list[TinyPage]:
    """A few small pages that are repeated without end."""
    rows, columns = rng.choice(ROWS[:3]), rng.choice(COLUMNS[:3])
    return [random_page(rng, rows, columns, LOOP) for _ in range(4)]


def score(folder: Path, count: int) -> None:
    """Print how many of `count` unseen pages are read exactly, each alone, by nothing but transformers in fp32."""
    processor = AutoProcessor.from_pretrained(folder)
    model = HunYuanVLForConditionalGeneration.from_pretrained(folder).eval()
    rng = random.Random(SEED + 1)
    # An endless answer takes long.
    for mark, number, tasks in ((PLAIN, count, TASKS), (BOXED, count, TASKS), (LOOP, max(1, count // 5), TASKS[:1])):
        pages = [random_page(rng, rng.choice(ROWS), rng.choice(COLUMNS), mark) for _ in range(number)]
        for task in tasks:
            right, lengths = 0, []
            for page in pages:
                text, tokens = answer(processor, model, page, task, 1600 if mark == LOOP else 400)
                wanted = expected(page, task)
                if mark == LOOP:
                    wanted = (wanted * (1 + len(text) // len(wanted)))[: len(text)] if tokens == 1600 else ""
                right += text == wanted
                lengths.append(tokens)
            lengths.sort()
            spread = f"{lengths[0]} to {lengths[-1]} tokens, median {lengths[number // 2]}"
            print(f"{mark or 'plain'} {task.kind.value}: {right} of {number} right, {spread}", flush=True)  # noqa: T201


def answer(
    processor: HunYuanVLProcessor, model: HunYuanVLForConditionalGeneration, page: TinyPage, task: Task, limit: int
) -> tuple[str, int]:
    """The greedy answer to one page alone, and its tokens."""
    content = [{"type": "image"}, {"type": "text", "text": task.prompt}]
    messages = [{"role": "system", "content": ""}, {"role": "user", "content": content}]
    prompt = processor.apply_chat_template(messages, tokenize=False)
    encoded = processor(images=[picture(page)], text=[prompt], return_tensors="pt")
    said = model.generate(**encoded, max_new_tokens=limit, do_sample=False)[0, encoded["input_ids"].shape[1] :]
    return processor.tokenizer.decode(said, skip_special_tokens=True), len(said)


def main() -> None:
    """Train and score, or only score where `--steps` is 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--score", type=int, default=20, help="unseen pages of each mark to read at the end")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.steps:
        train(arguments.steps, arguments.out)
    score(arguments.out, arguments.score)


if __name__ == "__main__":
    main()
