"""Prompting, the processor: a page picture and a task become token ids, positions and patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.local.checkpoint import Loaded

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Patches:
    """A picture as the vision tower takes it."""

    values: Any
    """`[patches, 3 * 16 * 16]`, in the dtype of the model."""
    grid: Any
    """`[1, 3]`: one picture, patches down, patches across."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that is asked of a picture."""

    ids: Any
    """`[1, n]` token ids, on the CPU."""
    shared: int
    """How many of them, up to the end of the picture, are the same whatever is asked of it."""
    positions: Any
    """`[axes, 1, n]` rotary positions."""
    turn: int
    """What is added to the index of a token to get its position, after the prompt."""


def messages(picture: Image | None, words: str) -> list[dict[str, Any]]:
    """The trained form of a question: an empty system message, and the picture before the words."""
    content = [{"type": "image", "image": picture}, {"type": "text", "text": words}]
    return [{"role": "system", "content": ""}, {"role": "user", "content": content}]


def prepared(loaded: Loaded, picture: Image, words: str) -> tuple[Patches, Prompt]:
    """A picture and a question about it, as the model takes them.

    Raises:
        ValueError: The processor refuses the picture.
    """
    patches = patches_of(loaded, picture)
    return patches, prompt_of(loaded, patches, words)


def patches_of(loaded: Loaded, picture: Image) -> Patches:
    """Cut a picture into patches.

    Raises:
        ValueError: The processor refuses the picture, like one 200 times as long as wide.
    """
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    cut = loaded.processor.image_processor(images=[picture], return_tensors="pt")
    return Patches(cut["pixel_values"].to(loaded.model.dtype), cut["image_grid_thw"])


def prompt_of(loaded: Loaded, patches: Patches, words: str) -> Prompt:
    """Token ids and positions of a question about a picture.

    Positions are found for this prompt alone: for the rows of a batch, `HunYuanVLModel.get_rope_index` of transformers
    5.13 to 5.23 counts the pictures of the rows before as if they stood in the row itself, which changes answers.
    """
    import torch

    processor = loaded.processor
    text = processor.apply_chat_template(messages(None, words), add_generation_prompt=True, tokenize=False)
    placeholder = processor.replace_image_token({"image_grid_thw": patches.grid}, 0)
    text = text.replace(processor.image_token, placeholder, 1)
    ids = processor.tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    pictured = (ids == processor.image_token_id).to(torch.int32)
    positions, turn = loaded.model.model.get_rope_index(ids, mm_token_type_ids=pictured, image_grid_thw=patches.grid)
    # The mark that ends the picture is the same for every question, too.
    shared = int(pictured[0].nonzero()[-1]) + 2
    return Prompt(ids=ids, shared=shared, positions=positions, turn=int(turn[0, 0]))
