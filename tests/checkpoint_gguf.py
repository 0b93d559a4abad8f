"""The checkpoint of the tests as the two GGUF files that llama.cpp reads: the language model, and its eyes.

What llama.cpp calls each tensor and setting was read off a file that its own `convert_hf_to_gguf.py` wrote.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gguf import GGUFWriter

_LANGUAGE_MODEL = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "model.layers.": "blk.",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.query_layernorm": "attn_q_norm",
    "self_attn.key_layernorm": "attn_k_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_VISION_TOWER = {
    "vit.embeddings.patch_embedding": "v.patch_embd",
    "vit.embeddings.position_embedding": "v.position_embd",
    "vit.layers.": "v.blk.",
    "input_layernorm": "ln1",
    "post_attention_layernorm": "ln2",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_out",
    "mlp.dense_h_to_4h": "ffn_up",
    "mlp.dense_4h_to_h": "ffn_down",
    "vit.perceive.before_rms": "mm.pre_norm",
    "vit.perceive.after_rms": "mm.post_norm",
    "vit.perceive.image_begin": "mm.image_begin",
    "vit.perceive.image_end": "mm.image_end",
    "vit.perceive.image_newline": "v.image_newline",
    "vit.perceive.image_sep": "v.view_seperator",
    "vit.perceive.mlp": "mm.model.fc",
    "vit.perceive.proj.": "mm.",
}


def write_gguf(checkpoint: Path, folder: Path) -> tuple[Path, Path]:
    """Write `model.gguf` and `mmproj-model.gguf`, in the checkpoint's own precision.

    Returns:
        The two files.
    """
    from safetensors.numpy import load_file

    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((checkpoint / "config.json").read_text())
    tensors = load_file(checkpoint / "model.safetensors")
    words, eyes = folder / "model.gguf", folder / "mmproj-model.gguf"
    _write_language_model(checkpoint, config["text_config"], tensors, words)
    _write_vision_tower(checkpoint, config["vision_config"], tensors, eyes)
    return words, eyes


def _write_language_model(checkpoint: Path, config: dict[str, Any], tensors: dict[str, Any], path: Path) -> None:
    from gguf import GGUFWriter, RopeScalingType

    rope, longest = config["rope_parameters"], config["max_position_embeddings"]
    out = GGUFWriter(path, "hunyuan_vl")
    out.add_block_count(config["num_hidden_layers"])
    out.add_context_length(longest)
    out.add_embedding_length(config["hidden_size"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_head_count(config["num_attention_heads"])
    out.add_head_count_kv(config["num_key_value_heads"])
    out.add_key_length(config["head_dim"])
    out.add_value_length(config["head_dim"])
    out.add_layer_norm_rms_eps(config["rms_norm_eps"])
    out.add_rope_dimension_sections(rope["mrope_section"])
    out.add_rope_freq_base(rope["rope_theta"])
    out.add_rope_scaling_type(RopeScalingType.NONE)
    out.add_rope_scaling_factor(1.0)
    out.add_float32("hunyuan_vl.rope.scaling.alpha", rope["alpha"])
    out.add_rope_scaling_orig_ctx_len(longest)
    _add_tokenizer(out, checkpoint, config)
    for name, tensor in tensors.items():
        if name.startswith("model."):
            out.add_tensor(_renamed(name, _LANGUAGE_MODEL), tensor)
    _close(out)


def _add_tokenizer(out: GGUFWriter, checkpoint: Path, config: dict[str, Any]) -> None:
    from gguf import TokenType

    tokenizer = json.loads((checkpoint / "tokenizer.json").read_text())
    pieces = {number: (piece, TokenType.NORMAL) for piece, number in tokenizer["model"]["vocab"].items()}
    for added in tokenizer["added_tokens"]:
        kind = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
        pieces[added["id"]] = (added["content"], kind)
    unused = TokenType.UNUSED
    ordered = [pieces.get(number, (f"[PAD{number}]", unused)) for number in range(config["vocab_size"])]
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list([piece for piece, _ in ordered])
    out.add_token_types([kind for _, kind in ordered])
    merges = tokenizer["model"]["merges"]
    out.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in merges])
    out.add_bos_token_id(config["bos_token_id"])
    out.add_eos_token_id(config["eos_token_id"])
    out.add_pad_token_id(config["pad_token_id"])
    out.add_chat_template((checkpoint / "chat_template.jinja").read_text())


def _write_vision_tower(checkpoint: Path, config: dict[str, Any], tensors: dict[str, Any], path: Path) -> None:
    from gguf import GGUFWriter

    pictures = json.loads((checkpoint / "processor_config.json").read_text())["image_processor"]
    out = GGUFWriter(path, "clip")
    out.add_clip_has_vision_encoder(True)
    out.add_clip_projector_type("hunyuanvl")
    out.add_vision_projection_dim(config["out_hidden_size"])
    out.add_vision_image_size(config["max_image_size"])
    out.add_vision_patch_size(config["patch_size"])
    out.add_vision_embedding_length(config["hidden_size"])
    out.add_vision_feed_forward_length(config["intermediate_size"])
    out.add_vision_block_count(config["num_hidden_layers"])
    out.add_vision_head_count(config["num_attention_heads"])
    out.add_vision_image_mean(pictures["image_mean"])
    out.add_vision_image_std(pictures["image_std"])
    out.add_vision_use_gelu(True)
    out.add_vision_attention_layernorm_eps(config["rms_norm_eps"])
    out.add_vision_spatial_merge_size(config["spatial_merge_size"])
    out.add_uint32("clip.vision.image_min_pixels", pictures["size"]["shortest_edge"])
    out.add_uint32("clip.vision.image_max_pixels", pictures["size"]["longest_edge"])
    for name, tensor in tensors.items():
        if name.startswith("vit."):
            # The first place of the embedding belongs to a token that HunyuanOCR does not use.
            kept = tensor[1:].copy() if "position_embedding" in name else tensor
            out.add_tensor(_renamed(name, _VISION_TOWER), kept)
    _close(out)


def _renamed(name: str, names: dict[str, str]) -> str:
    for ours in sorted(names, key=len, reverse=True):  # one name may begin another
        name = name.replace(ours, names[ours])
    return name


def _close(out: GGUFWriter) -> None:
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
