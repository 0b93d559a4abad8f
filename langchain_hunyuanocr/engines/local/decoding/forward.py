"""Forward: one function for every pass of the language model, over slots of the KV cache.

It computes what transformers' `HunYuanVLTextModel` computes, in the same order and with the same rounding, in about
twenty operations a layer instead of sixty, and writes keys and values where they stay. Prefill, the end of a prompt,
decoding steps and the checking of drafts are the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache

Product = Callable[[Any], Any]
"""`[..., n]` to `[..., m]`: a linear layer, or several of one input as one."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of norms, and products, of one layer."""

    attention_norm: Any
    query_norm: Any
    key_norm: Any
    query_key_value: Product
    attention_out: Product
    mlp_norm: Any
    gate_up: Product
    down: Product


class LanguageModel:
    """The language model of HunyuanOCR.

    Args:
        model: A `HunYuanVLForConditionalGeneration`. Where its matrices are plain, those that share an input are joined
            and its own become views of them, so that no byte is held twice; quantised layers are called as they are.
    """

    def __init__(self, model: Any) -> None:
        import torch

        self._torch = torch
        text, config = model.model.language_model, model.config.text_config
        self.heads, self.groups, self.width = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.layer_count = config.num_hidden_layers
        self.vocabulary, self.inner = config.vocab_size, config.intermediate_size
        self.plain = True
        """Whether all matrices are plain."""
        self.epsilon = config.rms_norm_eps
        self._rotary = text.rotary_emb
        self._axes = len(text.rotary_emb.mrope_section)
        self.embed = text.embed_tokens
        self.head = model.lm_head
        self.norm = text.norm.weight.detach()
        self.layers = [self._layer(layer) for layer in text.layers]

    def _layer(self, layer: Any) -> Layer:
        attention, mlp = layer.self_attn, layer.mlp
        return Layer(
            attention_norm=layer.input_layernorm.weight.detach(),
            query_norm=attention.query_layernorm.weight.detach(),
            key_norm=attention.key_layernorm.weight.detach(),
            query_key_value=self._joined([attention.q_proj, attention.k_proj, attention.v_proj]),
            attention_out=attention.o_proj,
            mlp_norm=layer.post_attention_layernorm.weight.detach(),
            gate_up=self._joined([mlp.gate_proj, mlp.up_proj]),
            down=mlp.down_proj,
        )

    def _joined(self, linears: Sequence[Any]) -> Product:
        torch = self._torch
        # Subclasses of tensors and of layers are quantised ones.
        if any(
            type(each) is not torch.nn.Linear
            or type(each.weight) is not torch.nn.Parameter
            or not each.weight.is_floating_point()
            or each.bias is not None
            for each in linears
        ):
            self.plain = False
            return lambda x: torch.cat([each(x) for each in linears], -1)
        whole = torch.cat([each.weight.detach() for each in linears])
        begin = 0
        for each in linears:
            count = each.weight.shape[0]
            each.weight = torch.nn.Parameter(whole[begin : begin + count], requires_grad=False)
            begin += count
        return lambda x: torch.nn.functional.linear(x, whole)

    def angles(self, positions: Any) -> tuple[Any, Any]:
        """Cosines and sines of rotary positions, rounded as the model rounds them.

        Args:
            positions: `[axes, rows, n]`.

        Returns:
            Two of `[rows, n, width]`.
        """
        cos, sin = self._rotary(self.norm, positions)
        return cos, sin

    def text_angles(self, count: int, device: Any) -> tuple[Any, Any]:
        """Those of the first `count` positions behind a picture, where all axes agree: `[count, width]`."""
        positions = self._torch.arange(count, device=device)[None, None].expand(self._axes, 1, -1)
        cos, sin = self.angles(positions)
        return cos[0].contiguous(), sin[0].contiguous()

    def prefill(self, x: Any, cos: Any, sin: Any, cache: KVCache, slot: int) -> Any:
        """Read `x [1, n, hidden]` into a slot from its beginning; hidden states of the same shape."""

        def attend(number: int, query: Any, keys: Any, values: Any) -> Any:
            for kept, new in ((cache.keys, keys), (cache.values, values)):
                kept[number, slot, : new.shape[1]] = new[0]
            return self._torch.nn.functional.scaled_dot_product_attention(
                query.transpose(1, 2),
                keys.transpose(1, 2),
                values.transpose(1, 2),
                is_causal=True,
                scale=self.width**-0.5,
                enable_gqa=True,
            ).transpose(1, 2)

        return self._run(x, cos, sin, attend)

    def forward(self, x: Any, places: Any, cos: Any, sin: Any, cache: KVCache, numbers: Any, span: int) -> Any:
        """Read new tokens behind what slots hold.

        Args:
            x: `[rows, q, hidden]`, their embeddings.
            places: `[rows, q]`, where in its slot each of them goes; ascending in a row.
            cos: `[rows, q, width]`.
            sin: As `cos`.
            cache: Is written to.
            numbers: `[rows]`, the slot of each row; or how many of the first slots there are.
            span: Tokens of a slot that are looked at; above all places.

        Returns:
            Hidden states `[rows, q, hidden]` behind the last norm.
        """
        torch, groups = self._torch, self.groups
        rows, q = places.shape
        each = self.heads // groups
        hidden = torch.arange(span, device=x.device)[None, None] > places[:, :, None]
        # Added to the scores, as attention would have to make it anew from truth values in each layer.
        mask = torch.zeros(rows, q, span, dtype=x.dtype, device=x.device).masked_fill_(hidden, float("-inf"))
        mask = mask[:, :, None].expand(-1, -1, each, -1).reshape(rows, 1, q * each, span)
        first = isinstance(numbers, int)
        slots = torch.arange(rows, device=x.device) if first else numbers

        def attend(number: int, query: Any, keys: Any, values: Any) -> Any:
            seen = []
            for kept, new in ((cache.keys[number], keys), (cache.values[number], values)):
                kept[slots[:, None], places] = new
                seen.append((kept[:rows, :span] if first else kept[slots, :span]).transpose(1, 2))
            # The heads of a group stand as its queries: keys and values are not copied for them.
            grouped = query.view(rows, q, groups, each, -1).transpose(1, 2).reshape(rows, groups, q * each, -1)
            out = torch.nn.functional.scaled_dot_product_attention(
                grouped, *seen, attn_mask=mask, scale=self.width**-0.5
            )
            return out.view(rows, groups, q, each, -1).transpose(1, 2)

        return self._run(x, cos, sin, attend)

    def _run(self, x: Any, cos: Any, sin: Any, attend: Callable[[int, Any, Any, Any], Any]) -> Any:
        functional = self._torch.nn.functional
        rows, q, _ = x.shape
        heads, groups = self.heads, self.groups
        cos, sin = cos[:, :, None].float(), sin[:, :, None].float()
        sin = self._torch.cat((-sin[..., : self.width // 2], sin[..., self.width // 2 :]), -1)
        for number, layer in enumerate(self.layers):
            mixed = layer.query_key_value(self._rms(x, layer.attention_norm)).view(rows, q, heads + 2 * groups, -1)
            turned = self._turned(mixed[:, :, : heads + groups], cos, sin)
            query = self._rms(turned[:, :, :heads], layer.query_norm)
            keys = self._rms(turned[:, :, heads:], layer.key_norm)
            out = attend(number, query, keys, mixed[:, :, heads + groups :])
            x = x + layer.attention_out(out.reshape(rows, q, -1))
            gate, up = layer.gate_up(self._rms(x, layer.mlp_norm)).chunk(2, -1)
            x = x + layer.down(functional.silu(gate) * up)
        return self._rms(x, self.norm)

    def _rms(self, x: Any, weight: Any) -> Any:
        wide = x.float()
        wide = wide * self._torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return weight * wide.to(x.dtype)

    def _turned(self, x: Any, cos: Any, sin: Any) -> Any:
        """Rotary embedding of `x [rows, q, heads, width]`, in single precision, rounded once; `sin` has its signs."""
        wide = x.float()
        return (wide * cos + wide.roll(self.width // 2, -1) * sin).to(x.dtype)
