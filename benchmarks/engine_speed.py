"""What the local engine makes of the machine: against the plain transformers loop, and against the memory's own speed.

In one run: (a) the loop of HunyuanOCR's model card, `model.generate` over one page at a time; (b) the local engine's
scheduler over the same pages; (c) the floor of a decoding step, which is the time to read the weights of the language
model and the cache of all pages once at the bandwidth measured here. Every page is given a fixed number of new tokens,
drawn from a distribution like that of pages: most are short, a few are several times as long.

    python -m benchmarks.engine_speed --model tiny [--quick] [--pages 64] [--device auto]
    python -m benchmarks.engine_speed --model full

`tiny` is the tests' checkpoint; `full` is the 996 M architecture with random weights, whose cost is that of the real
ones. Last line: `RESULT {"device", "model", "speedup", "speedup_with_drafts", "step_over_floor", ...}`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local.checkpoint import Loaded, load
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.prompting import messages, patches_of, prompt_of
from langchain_hunyuanocr.engines.local.scheduler import Job, Limits, Scheduler
from langchain_hunyuanocr.tasks import Task, TaskKind

CHECKPOINT = Path(__file__).parent.parent / "tests" / "checkpoint"
PENALTY = 1.08
STEP_ROWS = 16
THREE = (TaskKind.DOCUMENT, TaskKind.SPOTTING, TaskKind.TEXT)
TEXT = {
    "vocab_size": 120818, "hidden_size": 1024, "intermediate_size": 3584, "num_hidden_layers": 24,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "rms_norm_eps": 1e-5,
    "max_position_embeddings": 131072, "bos_token_id": 120000, "eos_token_id": 120007, "pad_token_id": 120002,
    "tie_word_embeddings": True,
    "rope_parameters": {
        "rope_type": "xdrope", "factor": 1.0, "alpha": 1000.0, "rope_theta": 10000.0,
        "xdrope_section": [16, 16, 16, 16],
    },
}  # fmt: skip
VISION = {
    "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16,
    "patch_size": 16, "spatial_merge_size": 2, "out_hidden_size": 1024, "max_image_size": 2048,
}  # fmt: skip


def tiny_model(device: str, folder: Path = CHECKPOINT) -> Loaded:
    """The tests' checkpoint, loaded as users load theirs."""
    return load(str(folder), "", device=device, dtype="auto", max_pixels=512 * 512)


def full_model(device: str, pixels: int) -> Loaded:
    """HunyuanOCR's architecture with random weights, behind the tests' tokenizer."""
    small = tiny_model("cpu").processor
    tokenizer = small.tokenizer
    place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    config = transformers.HunYuanVLConfig(
        text_config=TEXT, vision_config=VISION, tie_word_embeddings=True,
        image_token_id=tokenizer.image_token_id, im_start_id=tokenizer.image_start_token_id,
        im_end_id=tokenizer.image_end_token_id, im_newline_id=120121,
    )  # fmt: skip
    config._attn_implementation = "sdpa"
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if place.startswith("cuda") else torch.float32)
    try:
        with torch.device(place):
            model = transformers.HunYuanVLForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    model.generation_config.eos_token_id = 120007
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    pictures = transformers.HunYuanVLImageProcessorPil(
        size={"shortest_edge": min(pixels, 512 * 512), "longest_edge": pixels}
    )
    processor = transformers.HunYuanVLProcessor(pictures, tokenizer, chat_template=small.chat_template)
    return Loaded(model.eval(), processor, place)


def lengths(count: int, median: int, most: int) -> list[int]:
    """New tokens of each page: log-normal with a spread of 0.6, as pages of mixed archives are, in random order."""
    spread = statistics.NormalDist()
    found = [
        min(most, max(4, round(median * 2.718281828 ** (0.6 * spread.inv_cdf((n + 0.5) / count)))))
        for n in range(count)
    ]
    random.Random(1).shuffle(found)
    return found


def pages(count: int, sides: Sequence[tuple[int, int]]) -> list[Image.Image]:
    """Pictures of a few lines each, of all these sizes in turn."""
    made = []
    for number in range(count):
        picture = Image.new("RGB", sides[number % len(sides)], "white")
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=24)
        for row in range(picture.height // 32):
            pen.text((2, 32 * row), f"{number} page of an archive {row}", fill="black", font=font)
        made.append(picture)
    return made


def plain(loaded: Loaded, pictures: Sequence[Image.Image], counts: Sequence[int]) -> float:
    """Seconds that the model card's loop takes for pages of so many new tokens each."""
    synchronize(loaded)
    began = time.perf_counter()
    for picture, count in zip(pictures, counts, strict=True):
        inputs = loaded.processor.apply_chat_template(
            messages(picture, Task(kind=TaskKind.TEXT).prompt),
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        ).to(loaded.device)  # fmt: skip
        inputs["pixel_values"] = inputs["pixel_values"].to(loaded.model.dtype)
        with torch.inference_mode():
            loaded.model.generate(
                **inputs, do_sample=False, repetition_penalty=PENALTY, min_new_tokens=count, max_new_tokens=count
            )
    synchronize(loaded)
    return time.perf_counter() - began


def plain_in_parts(loaded: Loaded, pictures: Sequence[Image.Image], counts: Sequence[int], many: int) -> float:
    """The same from what a page and what a token takes, where the whole loop would take minutes.

    Args:
        loaded: The model.
        pictures: Of all pages.
        counts: New tokens of each.
        many: Tokens of the pages that are measured.
    """
    few = pictures[:3]
    one, all_of_them = plain(loaded, few, [1] * len(few)), plain(loaded, few, [many] * len(few))
    token = (all_of_them - one) / (len(few) * (many - 1))
    return len(counts) * one / len(few) + sum(count - 1 for count in counts) * token


def scheduled(
    loaded: Loaded,
    decoder: Decoder,
    rows: int,
    pictures: Sequence[Image.Image],
    counts: Sequence[int],
    drafts: Sequence[str] = (),
) -> tuple[float, list[str]]:
    """Seconds that the local engine's scheduler takes, and the answers."""
    scheduler = Scheduler(loaded, decoder, rows=rows, skip_special_tokens=True)
    synchronize(loaded)
    began = time.perf_counter()
    jobs = []
    for number, (picture, count) in enumerate(zip(pictures, counts, strict=True)):
        request = Request(picture, Task(kind=TaskKind.TEXT), draft=drafts[number] if drafts else "")
        jobs.append(Job(request, Limits(count, fixed=True)))
        scheduler.add(jobs[-1])
    while scheduler.busy:
        scheduler.turn()
    synchronize(loaded)
    took = time.perf_counter() - began
    scheduler.close()
    if any(job.future.result().finish != "length" for job in jobs):
        raise SystemExit("a page was not given its number of tokens")
    return took, [job.future.result().text for job in jobs]


def worn(text: str, right: float) -> str:
    """A text of which so many letters are as they were, as another reader might give it."""
    rng = random.Random(len(text))
    return "".join(letter if letter.isspace() or rng.random() < right else "#" for letter in text)


def bandwidth(loaded: Loaded) -> float:
    """Bytes a second that this device reads and writes together, by copying 1 GiB (256 MiB on a CPU)."""
    on_cuda = loaded.device.startswith("cuda")
    source = torch.ones(2**30 if on_cuda else 2**28, dtype=torch.uint8, device=loaded.device)
    target = torch.empty_like(source)
    return float(2 * source.numel() / best(loaded, lambda: target.copy_(source)))


def step_over_floor(
    loaded: Loaded, decoder: Decoder, pictures: Sequence[Image.Image], speed: float, rows: int, tries: int
) -> tuple[float, float]:
    """Seconds of a decoding step over so many pages, and of reading weights and cache once."""
    with torch.inference_mode():
        held = 0
        for slot in range(rows):
            patches = patches_of(loaded, pictures[slot % len(pictures)])
            prompt = prompt_of(loaded, patches, Task(kind=TaskKind.TEXT).prompt)
            decoder.prefill(slot, decoder.see([patches])[0], prompt)
            decoder.begin([slot], [prompt], [[]])
            held = max(held, int(prompt.ids.shape[1]))
        counts, burst_of = [held], [1]

        def burst() -> None:
            burst_of[0] = len(decoder.step(rows, counts[0])[0].tokens)
            counts[0] += burst_of[0]

        took = best(loaded, burst, tries=2 * tries) / burst_of[0]
    text = loaded.model.model.language_model
    weights = sum(weight.numel() * weight.element_size() for weight in text.parameters())
    cache = rows * counts[0] * decoder.cache.bytes_a_token
    for slot in range(rows):
        with torch.inference_mode():
            decoder.end(slot)
    return took, (weights + cache) / speed


def three_over_one(loaded: Loaded, decoder: Decoder, picture: Image.Image, tries: int) -> float:
    """What three tasks on one page cost in vision and prefill, over one task."""

    def prefill(kinds: Sequence[TaskKind]) -> None:
        with torch.inference_mode():
            prompts = [prompt_of(loaded, patches, Task(kind=kind).prompt) for kind in kinds]
            decoder.prefill(0, decoder.see([patches])[0], prompts[0])
            for slot, prompt in enumerate(prompts[1:], 1):
                decoder.share(0, slot, prompt)
            decoder.begin(range(len(prompts)), prompts, [[]] * len(prompts))
            for slot in range(len(prompts)):
                decoder.end(slot)

    patches = patches_of(loaded, picture)
    one = best(loaded, lambda: prefill(THREE[:1]), tries)
    return best(loaded, lambda: prefill(THREE), tries) / one


def best(loaded: Loaded, work: Callable[[], Any], tries: int = 5) -> float:
    """Seconds of the quickest of several runs."""
    found = []
    work()
    for _ in range(tries):
        synchronize(loaded)
        began = time.perf_counter()
        work()
        synchronize(loaded)
        found.append(time.perf_counter() - began)
    return min(found)


def synchronize(loaded: Loaded) -> None:
    """Wait for the GPU."""
    if loaded.device.startswith("cuda"):
        torch.cuda.synchronize()


def main() -> None:
    """Measure, print a table and the RESULT line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["tiny", "full"], default="tiny")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT, help="folder of the tiny model")
    parser.add_argument("--pages", type=int, default=64)
    parser.add_argument("--rows", type=int, default=64, help="most pages at once")
    parser.add_argument("--draft", type=float, default=0.9, help="share of the letters of a draft that are right")
    parser.add_argument("--tokens", type=int, help="median of new tokens a page")
    parser.add_argument("--pixels", type=int, help="of a page, for the full model")
    parser.add_argument("--threads", type=int, default=1, help="on a CPU; more only slow the tiny model down")
    parser.add_argument("--quick", action="store_true", help="under a minute")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    if arguments.model == "tiny":
        loaded = tiny_model(arguments.device, arguments.checkpoint)
        median, most = arguments.tokens or (48 if arguments.quick else 120), 1000
        sides = [(160, 96), (256, 160), (320, 256), (192, 320)]
        count = arguments.pages
    else:
        # On a CPU the vision tower takes half a minute for what a GPU reads in a tenth of a second.
        on_cuda = torch.cuda.is_available() and arguments.device != "cpu"
        pixels = 512 * 512 if arguments.quick else arguments.pixels or 3_400_000
        pixels = pixels if on_cuda else arguments.pixels or 256 * 256
        loaded = full_model(arguments.device, pixels)
        median = arguments.tokens or (128 if arguments.quick else 600) if on_cuda else arguments.tokens or 2
        most = 4 * median
        height = int((pixels * 2**0.5) ** 0.5)
        sides = [(int(height / 2**0.5), height), (height, int(height / 2**0.5)), (height * 2 // 3, height * 2 // 3)]
        count = arguments.pages if on_cuda else min(arguments.pages, 2)
    pictures, counts = pages(count, sides), lengths(count, median, most)
    on_cuda = loaded.device.startswith("cuda")
    decoder = Decoder(loaded, penalty=PENALTY, graphs=on_cuda)
    figures: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if on_cuda else "cpu",
        "model": arguments.model,
    }

    def tell(line: str, **found: float) -> None:
        """A stage is done: what was found stays told, whatever becomes of the next."""
        figures.update({name: round(value, 2) for name, value in found.items()})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    tell(f"{loaded.device}, {arguments.model}, {loaded.model.dtype}: {count} pages, {sum(counts)} new tokens")
    began = time.perf_counter()
    scheduled(loaded, decoder, arguments.rows, pictures, [min(40, n) for n in counts] if on_cuda else [2] * count)
    warm_up = time.perf_counter() - began
    tell(f"first pages, with all that is captured for them: {warm_up:.1f} s", warm_up_s=warm_up)
    plain(loaded, pictures[:1], [4])
    parts = arguments.model == "full"
    slow = plain_in_parts(loaded, pictures, counts, 64 if on_cuda else 3) if parts else plain(loaded, pictures, counts)
    tell(f"(a) plain loop  {count / slow:8.2f} pages/s {sum(counts) / slow:9.1f} tokens/s")
    fast, said = scheduled(loaded, decoder, arguments.rows, pictures, counts)
    tell(
        f"(b) local       {count / fast:8.2f} pages/s {sum(counts) / fast:9.1f} tokens/s  ({arguments.rows} at once)",
        speedup=slow / fast,
    )
    drafts = [worn(text, arguments.draft) for text in said]
    drafted, _ = scheduled(loaded, decoder, arguments.rows, pictures, counts, drafts)
    tell(
        f"    with drafts {count / drafted:8.2f} pages/s {sum(counts) / drafted:9.1f} tokens/s  "
        f"(of which {arguments.draft:.0%} of the letters are right)",
        speedup_with_drafts=slow / drafted,
    )
    decoder.cut(0)
    speed = bandwidth(loaded)
    decoder = Decoder(loaded, penalty=PENALTY, graphs=on_cuda, drafts=False)
    # A step of the full model takes a second on a CPU.
    step_rows, tries = (2, 1) if parts and not on_cuda else (STEP_ROWS, 5)
    took, floor = step_over_floor(loaded, decoder, pictures, speed, step_rows, tries)
    tell(
        f"(c) floor of a step over {step_rows} pages: {floor * 1e3:.3f} ms at {speed / 1e9:.1f} GB/s; "
        f"ours {took * 1e3:.3f} ms",
        step_over_floor=took / floor,
    )
    tasks = three_over_one(loaded, decoder, pictures[0], tries)
    tell(f"three tasks on one page over one: {tasks:.2f}", three_tasks_over_one=tasks)
    if on_cuda:
        figures["peak_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    tell(f"RESULT {json.dumps(figures)}")


if __name__ == "__main__":
    main()
