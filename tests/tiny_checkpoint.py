"""A HunyuanOCR of 190 thousand random weights: the real architecture, processor and chat template, made in a second.

It reads nothing, but everything about loading, prompting and generating can be tested with it. The special tokens and
the shape of the prompt are those of `tencent/HunyuanOCR`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

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


def build(folder: Path) -> Path:
    """Write the checkpoint into `folder`.

    Returns:
        `folder`, which `from_pretrained` takes.
    """
    import torch
    from transformers import HunYuanVLForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    processor = _processor()
    torch.manual_seed(0)
    model = HunYuanVLForConditionalGeneration(_config(processor.tokenizer)).eval()
    # Random weights of the usual 0.02 leave the picture no say in a greedy answer.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.3)
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.generation_config.pad_token_id = processor.tokenizer.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def build_looping(tiny: Path, folder: Path) -> Path:
    """A copy of the checkpoint in `tiny` that says `A` without end, whatever it is asked.

    Its layers add nothing to the residual stream, so that it answers each token with the token most like it; `A` is
    given the direction of the prompt's last token and three times its length.
    """
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    shutil.copytree(tiny, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    for name, weight in weights.items():
        if name.startswith("model.") and ("o_proj" in name or "down_proj" in name):
            weight.zero_()
        if name == "model.embed_tokens.weight":
            weight[tokenizer.convert_tokens_to_ids("A")] = 3 * weight[tokenizer.convert_tokens_to_ids(USER)]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _processor():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import HunYuanVLImageProcessorPil, HunYuanVLProcessor, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={char: n for n, char in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(SPECIAL)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        extra_special_tokens={"image_token": IMAGE, "image_start_token": IMAGE_START, "image_end_token": IMAGE_END},
    )
    pictures = HunYuanVLImageProcessorPil(size={"shortest_edge": 64 * 64, "longest_edge": 256 * 256})
    return HunYuanVLProcessor(pictures, tokenizer, chat_template=CHAT_TEMPLATE)


def _config(tokenizer):
    from transformers import HunYuanVLConfig

    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}
    return HunYuanVLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 4096,
            "bos_token_id": ids[BOS], "eos_token_id": ids[EOS], "pad_token_id": ids[PAD], "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "xdrope", "factor": 1.0, "alpha": 1000.0, "rope_theta": 10000.0,
                "xdrope_section": [4, 4, 4, 4],
            },
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
            "patch_size": 16, "spatial_merge_size": 2, "out_hidden_size": 64,
            "max_image_size": 256, "min_image_size": 64,
        },
        image_token_id=ids[IMAGE], im_start_id=ids[IMAGE_START], im_end_id=ids[IMAGE_END],
        im_newline_id=ids[IMAGE_NEWLINE], tie_word_embeddings=True,
    )  # fmt: skip
