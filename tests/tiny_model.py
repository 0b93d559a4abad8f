"""The parts of the tiny checkpoint that are not learnt: special tokens, chat template, processor and architecture.

The special tokens and the shape of the prompt are those of `tencent/HunyuanOCR`.
"""

from __future__ import annotations

import math
import re

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    HunYuanVLConfig,
    HunYuanVLForConditionalGeneration,
    HunYuanVLImageProcessorPil,
    HunYuanVLProcessor,
    PreTrainedTokenizerFast,
)

from langchain_hunyuanocr.tasks import Task, TaskKind

BOS, EOS, USER, PAD = "<｜hy_begin▁of▁sentence｜>", "<｜hy_Assistant｜>", "<｜hy_User｜>", "<｜hy_▁pad▁｜>"
SYSTEM_END = "<｜hy_place▁holder▁no▁3｜>"
IMAGE_START, IMAGE_END, IMAGE = (f"<｜hy_place▁holder▁no▁{n}｜>" for n in (100, 101, 102))
IMAGE_NEWLINE = "<｜hy_place▁holder▁no▁103｜>"
SPECIAL = [BOS, EOS, USER, PAD, SYSTEM_END, IMAGE_START, IMAGE_END, IMAGE, IMAGE_NEWLINE]

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'system' %}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}"
    "{{ '" + SYSTEM_END + "' }}"
    "{% elif message['role'] == 'user' %}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] in ('image', 'image_url') %}{{ '" + IMAGE_START + IMAGE + IMAGE_END + "' }}"
    "{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}{{ '" + USER + "' }}"
    "{% endif %}{% endfor %}"
)

# What stands between two glyphs is one token, so that the glyph before is always found at the same place.
BETWEEN = [
    "<table><tr><td>", "</td><td>", "</td></tr><tr><td>", "</td></tr></table>",
    '{"first": "', '", "second": "', '", "second": null}', '"}', "\n\n", "# ", "(0,0),(", "(0,", "),(",
]  # fmt: skip
WORDS = ["markdown", "html", "latex", "HTML", "LaTeX", "Mermaid", "Markdown", "JSON", "first", "second"]
NUMBERS = sorted({str(1000 * i // n) for n in range(2, 13) for i in range(1, n + 1)}, key=int)
EDGES = ["0", *NUMBERS]
# A run of digits is a number only inside a box.
PIECES = re.compile(
    r"(?<=\(0,)\d+(?=\),\()|(?<=\),\()\d+(?=,)|(?<=\d,)\d+(?=\))|" + "|".join(map(re.escape, BETWEEN)) + "|.", re.DOTALL
)


def make_processor() -> HunYuanVLProcessor:
    """Byte-level tokens, merged only in the Chinese words of the prompts."""
    prompts = [Task(kind=kind).prompt for kind in TaskKind if kind not in (TaskKind.FIELDS, TaskKind.QUESTION)]
    prompts += [Task(kind=TaskKind.FIELDS, fields=("a", "b")).prompt]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.train_from_iterator(
        [part for prompt in prompts for part in re.findall(r"[^\x00-\x7f]+", prompt)],
        trainers.BpeTrainer(
            vocab_size=1000, min_frequency=1, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    core.add_special_tokens(SPECIAL)
    core.add_tokens([AddedToken(text, normalized=False) for text in BETWEEN + NUMBERS + WORDS])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
        extra_special_tokens={"image_token": IMAGE, "image_start_token": IMAGE_START, "image_end_token": IMAGE_END},
    )
    pictures = HunYuanVLImageProcessorPil(size={"shortest_edge": 64 * 64, "longest_edge": 512 * 512})
    return HunYuanVLProcessor(pictures, tokenizer, chat_template=CHAT_TEMPLATE)


def make_model(tokenizer: PreTrainedTokenizerFast) -> HunYuanVLForConditionalGeneration:
    """The architecture at its smallest, with weights of a size that learns faster than the usual 0.02."""
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}
    config = HunYuanVLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 4,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 4096,
            "bos_token_id": ids[BOS], "eos_token_id": ids[EOS], "pad_token_id": ids[PAD], "tie_word_embeddings": True,
            # The image index, the last axis, has a large share, so that a wrong index shows.
            "rope_parameters": {
                "rope_type": "xdrope", "factor": 1.0, "alpha": 1.0, "rope_theta": 2000.0,
                "xdrope_section": [10, 1, 1, 4],
            },
        },
        vision_config={
            "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
            "patch_size": 16, "spatial_merge_size": 2, "out_hidden_size": 96,
            "max_image_size": 384, "min_image_size": 64,
        },
        image_token_id=ids[IMAGE], im_start_id=ids[IMAGE_START], im_end_id=ids[IMAGE_END],
        im_newline_id=ids[IMAGE_NEWLINE], tie_word_embeddings=True,
    )  # fmt: skip
    model = HunYuanVLForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "position_embedding" in name:
                weight[1:] = 0.3 * waves(24, weight.shape[1])
            elif "embed_tokens" in name:
                weight.normal_(0, 0.1)
            elif "after_rms" in name:
                weight.fill_(0.3)
            elif weight.dim() > 1:
                inner = any(part in name for part in ("o_proj", "down_proj", "fc2"))
                weight.normal_(0, (0.5 if inner else 1.0) * weight[0].numel() ** -0.5)
    return model


def waves(edge: int, size: int) -> torch.Tensor:
    """A place in a square as sines and cosines, half of the channels for the row and half for the column."""
    turns = torch.arange(edge)[:, None] * torch.logspace(math.log10(math.pi / edge), math.log10(2.0), size // 4)
    along = torch.cat([turns.sin(), turns.cos()], 1)
    rows, columns = along[:, None].expand(-1, edge, -1), along[None].expand(edge, -1, -1)
    return torch.cat([rows, columns], 2).flatten(0, 1)
