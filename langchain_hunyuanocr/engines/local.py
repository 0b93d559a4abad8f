"""HunyuanOCR on this machine, through transformers."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.engines.checkpoint import MODEL, REVISION, Loaded, is_folder, load
from langchain_hunyuanocr.engines.repetition import TOKENS, repeated_unit, without_repetition
from langchain_hunyuanocr.results import Generation

if TYPE_CHECKING:
    from PIL.Image import Image

_log = logging.getLogger(__name__)

_SMALLER = 2
"""How often a page that does not fit in memory is tried again with half the pixels."""


class LocalEngine(Engine):
    """Runs HunyuanOCR with transformers: on CUDA where it is there, on the CPU otherwise.

    The model is loaded at the first request. Pages are generated one at a time: in a batch, transformers counts the
    pictures of the rows before as if they were in the row itself, which changes what the model answers.

    HunyuanOCR is Tencent's, under its own community licence, which does not cover the EU, the UK and South Korea. This
    package ships no weights and is not affiliated with Tencent.
    """

    name: ClassVar[str] = "local"

    def __init__(
        self,
        model: str = MODEL,
        *,
        revision: str = REVISION,
        device: str = "auto",
        dtype: str = "auto",
        max_new_tokens: int = 8192,
        repetition_penalty: float = 1.08,
        max_pixels: int = 3_400_000,
        skip_special_tokens: bool = True,
    ) -> None:
        """Set how the model is loaded and asked; nothing is loaded yet.

        Args:
            model: A repository of the Hub, or a folder that holds a checkpoint.
            revision: Commit of the repository; without meaning for a folder.
            device: `auto`, `cpu`, `cuda`, `cuda:1`.
            dtype: `auto` takes bfloat16, float16 on GPUs before Ampere, float32 on a CPU.
            max_new_tokens: Longest answer.
            repetition_penalty: 1.08 is HunyuanOCR-1.5's own; 1.0 may suit tables of repeated values better.
            max_pixels: Most pixels of a picture that the model sees; 3.4 million kept its quality and halve its memory.
            skip_special_tokens: Whether tags like `<quad>` that are special tokens are left out of the answer.
        """
        self._model = model
        self._revision = "" if is_folder(model) else revision
        self._load_settings: dict[str, Any] = {"device": device, "dtype": dtype, "max_pixels": max_pixels}
        self._max_new_tokens = max_new_tokens
        self._repetition_penalty = repetition_penalty
        self._skip_special_tokens = skip_special_tokens
        self._loaded: Loaded | None = None
        self._lock = threading.Lock()

    @property
    def model(self) -> str:
        """The repository or folder of the model."""
        return self._model

    @property
    def revision(self) -> str:
        """Commit of the repository; empty for a folder."""
        return self._revision

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer each request, one after the other.

        Raises:
            EngineError: The model cannot be loaded.
        """
        return [self._answer(request) for request in requests]

    def prompt(self, request: Request) -> str:
        """The whole text that the model is given for a request, special tokens included."""
        with self._lock:
            return str(self._ready().processor.apply_chat_template(_messages(request), add_generation_prompt=True))

    def close(self) -> None:
        """Free the memory of the model."""
        with self._lock:
            if self._loaded is None:
                return
            self._loaded = None
        _free()

    def _ready(self) -> Loaded:
        """The loaded model; the lock is held."""
        if self._loaded is None:
            _log.info("loading %s", self._model)
            self._loaded = load(self._model, self._revision, **self._load_settings)
            _log.info("%s is on %s", self._model, self._loaded.device)
        return self._loaded

    def _answer(self, request: Request) -> Generation:
        import torch

        picture = request.picture.convert("RGB")
        for attempt in range(_SMALLER + 1):
            with self._lock:
                loaded = self._ready()
                try:
                    return self._generate(loaded, Request(picture, request.task))
                except ValueError as exc:
                    # The processor refuses some pictures, like those 200 times as long as wide.
                    return Generation(finish="error", error=f"the picture cannot be read: {exc}")
                except (torch.OutOfMemoryError, MemoryError):
                    where = loaded.device
                except RuntimeError as exc:
                    if "allocate memory" not in str(exc):
                        raise
                    where = loaded.device
            _free()
            if attempt < _SMALLER:
                _log.warning("out of memory on %s with %d x %d pixels, trying a smaller picture", where, *picture.size)
                picture = _halved(picture)
        return Generation(
            finish="error",
            error=f"out of memory on {where} at {picture.width} x {picture.height} pixels",
            remedy="lower max_pixels, free memory of the device, or take the server engine",
        )

    def _generate(self, loaded: Loaded, request: Request) -> Generation:
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        tokenizer = loaded.processor.tokenizer
        # All of it goes on to the model: without mm_token_type_ids it answers quietly wrong.
        inputs = loaded.processor.apply_chat_template(
            _messages(request), add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        ).to(loaded.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(loaded.model.dtype)
        asked = inputs["input_ids"].shape[1]
        settings = GenerationConfig(
            do_sample=False,
            max_new_tokens=self._max_new_tokens,
            repetition_penalty=self._repetition_penalty,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        with torch.inference_mode():
            output = loaded.model.generate(
                **inputs,
                generation_config=settings,
                stopping_criteria=StoppingCriteriaList([_stop_at_loops(asked, tokenizer)]),
            )
        tokens = output[0, asked:].tolist()
        unit = repeated_unit(tokens, TOKENS, tokenizer.decode)
        trimmed = None if unit is None else without_repetition(tokens, unit)
        text = tokenizer.decode(tokens if trimmed is None else trimmed, skip_special_tokens=self._skip_special_tokens)
        if trimmed is not None:
            return Generation(text=text, finish="repetition")
        cut = len(tokens) >= self._max_new_tokens and tokens[-1] != tokenizer.eos_token_id
        return Generation(text=text, finish="length" if cut else "stop")


def _messages(request: Request) -> list[dict[str, Any]]:
    """The trained form of a question: an empty system message, and the picture before the words."""
    content = [{"type": "image", "image": request.picture}, {"type": "text", "text": request.task.prompt}]
    return [{"role": "system", "content": ""}, {"role": "user", "content": content}]


def _stop_at_loops(asked: int, tokenizer: Any) -> Any:
    """A stopping criterion that ends a row whose tail repeats itself.

    Args:
        asked: Length of the prompt, tokens.
        tokenizer: Turns tokens into text.
    """
    import torch

    def stop(input_ids: Any, scores: Any, **kwargs: Any) -> Any:  # noqa: ARG001 - the signature is transformers' own
        done = torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
        count = input_ids.shape[1] - asked
        if count and count % TOKENS.probe_every == 0:
            rows = input_ids[:, -min(count, TOKENS.window) :].tolist()
            looping = [repeated_unit(row, TOKENS, tokenizer.decode) is not None for row in rows]
            done |= torch.tensor(looping, device=input_ids.device)
        return done

    return stop


def _halved(picture: Image) -> Image:
    """A picture of half the pixels."""
    width, height = picture.size
    return picture.resize((max(1, round(width / 2**0.5)), max(1, round(height / 2**0.5))))


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
