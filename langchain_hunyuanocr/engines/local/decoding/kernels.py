"""Kernels: the small operations between the products of a decoding step, each as one launch (Triton).

A step of the plain forward pass is some 1,500 launches of 15 µs each from Python, and some 2 µs each where it is
captured; with these it is some 230. Attention reads what a row holds and no more (Dao et al., FlashAttention,
arXiv:2205.14135; its parts over the length of a slot are Flash-Decoding, 2023). All round where the modules do.

Sizes in capitals are constants of a compilation. Importing this needs `triton`, which CUDA builds of torch bring along.
"""

from __future__ import annotations

from typing import Any

import triton
import triton.language as tl


@triton.jit
def add_norm(x, delta, weight, out, epsilon, N: tl.constexpr, BLOCK: tl.constexpr, ADD: tl.constexpr):
    """`x += delta` where `ADD`, then the RMS norm of it. A program a token of `[tokens, N]`."""
    row = tl.program_id(0).to(tl.int64)
    i = tl.arange(0, BLOCK)
    inside = i < N
    value = tl.load(x + row * N + i, mask=inside, other=0.0)
    if ADD:
        more = tl.load(delta + row * N + i, mask=inside, other=0.0)
        value = (value.to(tl.float32) + more.to(tl.float32)).to(value.dtype)
        tl.store(x + row * N + i, value, mask=inside)
    wide = value.to(tl.float32)
    scale = 1.0 / tl.sqrt_rn(tl.sum(wide * wide, 0) / N + epsilon)
    w = tl.load(weight + i, mask=inside, other=0.0).to(tl.float32)
    normed = (wide * scale).to(value.dtype).to(tl.float32)
    tl.store(out + row * N + i, (normed * w).to(value.dtype), mask=inside)


@triton.jit
def silu_mul(gate_up, out, N, BLOCK: tl.constexpr):
    """`silu(gate) * up` of `[tokens, 2 N]`. A program a token and stretch."""
    row, i = tl.program_id(0).to(tl.int64), tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = i < N
    gate = tl.load(gate_up + row * 2 * N + i, mask=inside, other=0.0)
    up = tl.load(gate_up + row * 2 * N + N + i, mask=inside, other=0.0)
    wide = gate.to(tl.float32)
    active = (wide / (1.0 + tl.exp(-wide))).to(gate.dtype)
    tl.store(out + row * N + i, (active.to(tl.float32) * up.to(tl.float32)).to(gate.dtype), mask=inside)


@triton.jit
def turn_norm_write(
    mixed,
    query,
    keys,
    values,
    cos,
    sin,
    at,
    turn,
    live,
    query_norm,
    key_norm,
    epsilon,
    slot_stride,
    Q: tl.constexpr,
    HEADS: tl.constexpr,
    GROUPS: tl.constexpr,
    W: tl.constexpr,
):
    """Rotary embedding, then norm, of one head of one token; keys and values go to their slot.

    A program a token and head of `mixed [rows * Q, HEADS + 2 GROUPS, W]`; `query` is
    `[rows, GROUPS, Q * HEADS / GROUPS, W]`.
    """
    token, head = tl.program_id(0), tl.program_id(1)
    row, new = token // Q, token % Q
    place = tl.load(at + row) + new
    half: tl.constexpr = W // 2
    i = tl.arange(0, W)
    base = mixed + (token.to(tl.int64) * (HEADS + 2 * GROUPS) + head) * W
    cell = row.to(tl.int64) * slot_stride + place.to(tl.int64) * GROUPS * W
    # A free slot may still hold the beginning that another question takes: nothing is written to it.
    alive = (tl.load(live + row) != 0) & (i < W)
    if head >= HEADS + GROUPS:
        tl.store(values + cell + (head - HEADS - GROUPS) * W + i, tl.load(base + i), mask=alive)
    else:
        position = place + tl.load(turn + row)
        x = tl.load(base + i)
        wide = x.to(tl.float32)
        other = tl.load(base + (i + half) % W).to(tl.float32) * tl.where(i < half, -1.0, 1.0)
        c = tl.load(cos + position * W + i).to(tl.float32)
        s = tl.load(sin + position * W + i).to(tl.float32)
        turned = (wide * c + other * s).to(x.dtype).to(tl.float32)
        scale = 1.0 / tl.sqrt_rn(tl.sum(turned * turned, 0) / W + epsilon)
        normed = (turned * scale).to(x.dtype).to(tl.float32)
        if head < HEADS:
            each: tl.constexpr = HEADS // GROUPS
            made = (normed * tl.load(query_norm + i).to(tl.float32)).to(x.dtype)
            where = (row * GROUPS + head // each) * Q * each + new * each + head % each
            tl.store(query + where.to(tl.int64) * W + i, made)
        else:
            made = (normed * tl.load(key_norm + i).to(tl.float32)).to(x.dtype)
            tl.store(keys + cell + (head - HEADS) * W + i, made, mask=alive)


@triton.jit
def attend(
    query,
    keys,
    values,
    at,
    out,
    part,
    top,
    total,
    scale,
    slot_stride,
    Q: tl.constexpr,
    EACH: tl.constexpr,
    GROUPS: tl.constexpr,
    W: tl.constexpr,
    M: tl.constexpr,
    N: tl.constexpr,
    PARTS: tl.constexpr,
):
    """Attention of `Q` new tokens of a row to all before and among them. A program a row, group and part of the slot.

    With one part the answer goes to `out [rows, Q, GROUPS * EACH, W]`, else `part`, `top` and `total` are for `join`.
    """
    row, group, number = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    m, w = tl.arange(0, M), tl.arange(0, W)
    held = tl.load(at + row)
    length = held + Q
    stretch = tl.cdiv(tl.cdiv(length, PARTS), N) * N
    begin = number * stretch
    end = tl.minimum(begin + stretch, length)
    some = m < Q * EACH
    cells = ((row * GROUPS + group).to(tl.int64) * Q * EACH + m[:, None]) * W + w[None]
    q = tl.load(query + cells, mask=some[:, None], other=0.0)
    last = held + m // EACH
    base = row.to(tl.int64) * slot_stride + group * W
    best = tl.full((M,), -1e30, tl.float32)
    norm = tl.zeros((M,), tl.float32)
    sums = tl.zeros((M, W), tl.float32)
    for start in range(begin, end, N):
        n = start + tl.arange(0, N)
        there = n < end
        places = base + n.to(tl.int64) * GROUPS * W
        k = tl.load(keys + places[None] + w[:, None], mask=there[None], other=0.0)
        dots = tl.dot(q, k, input_precision="ieee") * scale
        dots = tl.where(there[None] & (n[None] <= last[:, None]), dots, -1e30)
        higher = tl.maximum(best, tl.max(dots, 1))
        share = tl.where(dots > -1e29, tl.exp(dots - higher[:, None]), 0.0)
        fade = tl.exp(best - higher)
        norm = norm * fade + tl.sum(share, 1)
        v = tl.load(values + places[:, None] + w[None], mask=there[:, None], other=0.0)
        sums = sums * fade[:, None] + tl.dot(share.to(v.dtype), v, input_precision="ieee")
        best = higher
    if PARTS == 1:
        where = ((row * Q + m // EACH) * GROUPS + group).to(tl.int64) * EACH + m % EACH
        answer = (sums / norm[:, None]).to(out.dtype.element_ty)
        tl.store(out + where[:, None] * W + w[None], answer, mask=some[:, None])
    else:
        cell = (((row * GROUPS + group) * PARTS + number) * M + m).to(tl.int64)
        tl.store(part + cell[:, None] * W + w[None], sums, mask=some[:, None])
        tl.store(top + cell, best, mask=some)
        tl.store(total + cell, norm, mask=some)


@triton.jit
def join(
    part,
    top,
    total,
    out,
    Q: tl.constexpr,
    EACH: tl.constexpr,
    GROUPS: tl.constexpr,
    W: tl.constexpr,
    M: tl.constexpr,
    PARTS: tl.constexpr,
):
    """The parts of `attend` as one. A program a row, group and query."""
    row, group, m = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    number, w = tl.arange(0, PARTS), tl.arange(0, W)
    cell = (((row * GROUPS + group) * PARTS + number) * M + m).to(tl.int64)
    best = tl.load(top + cell)
    share = tl.exp(best - tl.max(best, 0))
    norm = tl.sum(share * tl.load(total + cell), 0)
    sums = tl.sum(share[:, None] * tl.load(part + cell[:, None] * W + w[None]), 0)
    where = ((row * Q + m // EACH) * GROUPS + group).to(tl.int64) * EACH + m % EACH
    tl.store(out + where * W + w, (sums / norm).to(out.dtype.element_ty))


@triton.jit
def choose(
    scores,
    seen,
    ids,
    top,
    index,
    most,
    total,
    V,
    penalty,
    Q: tl.constexpr,
    BLOCK: tl.constexpr,
    PARTS: tl.constexpr,
    STRIDE: tl.constexpr,
):
    """Of one stretch of the vocabulary: the best score after the penalty, where it is, and what the probability needs.

    A program a token of `scores [rows * Q, STRIDE]` and stretch; what is proposed before a token counts as said there.
    """
    token, stretch = tl.program_id(0).to(tl.int64), tl.program_id(1)
    row, new = token // Q, token % Q
    v = stretch * BLOCK + tl.arange(0, BLOCK)
    inside = v < V
    s = tl.load(scores + token * STRIDE + v, mask=inside, other=float("-inf")).to(tl.float32)
    said = tl.load(seen + row * V + v, mask=inside, other=0) != 0
    for n in tl.static_range(Q - 1):
        said = said | ((v == tl.load(ids + row * Q + n + 1)) & (n < new))
    punished = tl.where(said, tl.where(s < 0, s * penalty, s / penalty), s)
    best = tl.max(punished, 0)
    high = tl.max(s, 0)
    cell = token * PARTS + stretch
    tl.store(top + cell, best)
    # The first of equals, as torch takes it.
    tl.store(index + cell, tl.min(tl.where(punished == best, v, V), 0))
    tl.store(most + cell, high)
    tl.store(total + cell, tl.sum(tl.where(inside, tl.exp(s - high), 0.0), 0))


def launch(kernel: str, grid: tuple[int, ...], *arguments: Any, **constants: Any) -> None:
    """Run a kernel of this module."""
    globals()[kernel][grid](*arguments, **constants)
