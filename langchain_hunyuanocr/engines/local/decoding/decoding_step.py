"""Decoding step: the next tokens of all answers under way, with a draft that is checked.

What may come is looked up in a text like the answer (Saxena, prompt lookup decoding, 2023; for HunyuanOCR with the text
of another reader: arXiv:2602.12957). The model looks at all proposed tokens in one pass and keeps those that it would
have said itself, so that answers are those of one token a step.
"""

from __future__ import annotations

from typing import Any

from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
from langchain_hunyuanocr.engines.local.decoding.row_state import RowState

AHEAD = 7
"""Tokens proposed at once: with the last one they are 8, and with 2 heads a group 16 rows of a product, the fewest that
a tensor core multiplies."""


class Steps:
    """Decoding steps, each a function of tensors that stay where they are.

    Args:
        language: The model.
        penalty: Repetition penalty, as in transformers' `RepetitionPenaltyLogitsProcessor`: over prompt and answer.
    """

    def __init__(self, language: LanguageModel, penalty: float) -> None:
        import torch

        self._torch = torch
        self._language, self._penalty = language, penalty

    def step(
        self, state: RowState, cache: KVCache, angles: tuple[Any, Any], *, rows: int, span: int, ahead: int, width: int
    ) -> None:
        """Say the next token of the first `rows` slots, and up to `ahead` more.

        Args:
            state: Of the slots; is brought up to date.
            cache: Of the slots; is written to.
            angles: Cosines and sines by rotary position.
            rows: How many slots.
            span: Tokens of a slot that are looked at.
            ahead: Tokens that are proposed; 0 or `AHEAD`.
            width: Tokens of the sources that are looked at.
        """
        torch = self._torch
        token, live = state.token[:rows], state.live[:rows]
        draft, follow = self._propose(state, rows, width)
        ids = torch.cat([token[:, None], draft[:, :ahead]], 1)
        best, probability = self._look(state, cache, angles, ids, span)
        state.hits[:rows] += (best[:, 0] == draft[:, 0]).long() * live
        right = (best[:, :-1] == ids[:, 1:]).long().cumprod(1).sum(1)
        self._accept(state, rows, best, probability, right, follow + right)

    def hidden(self, state: RowState, cache: KVCache, angles: tuple[Any, Any], ids: Any, span: int) -> Any:
        """Hidden states `[rows, q, hidden]` behind the last norm, of tokens `ids [rows, q]` behind what slots hold."""
        torch, language = self._torch, self._language
        rows, q = ids.shape
        new = torch.arange(q, device=ids.device)
        live, at = state.live[:rows, None] > 0, state.at[:rows]
        # Free slots write behind all that they hold.
        places = torch.where(live, at[:, None], cache.length - q) + new
        positions = torch.where(live, (at + state.turn[:rows])[:, None] + new, 0)
        return language.forward(
            language.embed(ids.clamp_min(0)), places, angles[0][positions], angles[1][positions], cache, rows, span
        )

    def _look(self, state: RowState, cache: KVCache, angles: tuple[Any, Any], ids: Any, span: int) -> tuple[Any, Any]:
        """What the model would say after each of the tokens `ids [rows, q]`, as `choose` gives it."""
        rows, q = ids.shape
        seen = state.seen[:rows, None]
        if q > 1:
            # What was proposed before a place counts as said there: the place counts only where all of it was right.
            seen = seen.expand(-1, q, -1).clone()
            for place in range(1, q):
                proposed = ids[:, place : place + 1, None].clamp_min(0).expand(-1, q - place, -1)
                seen[:, place:].scatter_(2, proposed, True)
        return self.choose(self.hidden(state, cache, angles, ids, span), seen)

    def choose(self, hidden: Any, seen: Any) -> tuple[Any, Any]:
        """The likeliest tokens after the penalty, and the probability that the model itself gave them.

        Args:
            hidden: `[rows, q, hidden]`.
            seen: `[rows, q or 1, vocabulary]`, which tokens the penalty is for.

        Returns:
            Two of `[rows, q]`.
        """
        torch = self._torch
        scores = self._language.head(hidden).float()
        if self._penalty == 1:
            best = scores.argmax(-1)
        else:
            punished = torch.where(scores < 0, scores * self._penalty, scores / self._penalty)
            best = torch.where(seen, punished, scores).argmax(-1)
        probability = (scores.gather(-1, best[..., None])[..., 0] - scores.logsumexp(-1)).exp()
        return best, probability

    def _propose(self, state: RowState, rows: int, width: int) -> tuple[Any, Any]:
        """What followed the last tokens where they stand in the source, three alike before two before one.

        Of several such places it is the nearest to where the answer was last.

        Returns:
            `[rows, AHEAD]` tokens, below 0 where there are none, and `[rows]` where they begin.
        """
        torch = self._torch
        source, token, before = state.source[:rows, :width], state.token[:rows, None], state.before[:rows]
        index = torch.arange(width, device=source.device)[None]
        # The last token of the source is the last token itself.
        one = (source == token) & (index < state.filled[:rows, None] - 1)
        two = one & (torch.roll(source, 1, 1) == before[:, 1:])
        three = two & (torch.roll(source, 2, 1) == before[:, :1])
        far = (index + 1 - state.pointer[:rows, None]).abs()
        follow = ((one.long() + two.long() + three.long()) * (4 * width) - far).argmax(1) + 1
        draft = state.source[:rows].gather(1, follow[:, None] + torch.arange(AHEAD, device=source.device))
        return draft, follow

    def _accept(self, state: RowState, rows: int, best: Any, probability: Any, right: Any, pointer: Any) -> None:
        """Keep what was right, and the token after it."""
        torch = self._torch
        new = torch.arange(best.shape[1], device=best.device)
        count = (right + 1) * state.live[:rows]
        # All are written; what is beyond the count is written over by the next step.
        where = state.made[:rows, None] + new
        state.tokens[:rows].scatter_(1, where, best)
        state.probabilities[:rows].scatter_(1, where, probability)
        state.source[:rows].scatter_(1, state.filled[:rows, None] + new, best)
        state.filled[:rows] = (state.filled[:rows] + count).clamp_max(state.width)
        state.seen[:rows].scatter_(1, torch.where(new <= right[:, None], best, best[:, :1]), True)
        said = torch.cat([state.before[:rows], state.token[:rows, None], best], 1)
        state.before[:rows] = said.gather(1, right[:, None] + 2 + torch.arange(2, device=best.device))
        state.token[:rows] = best.gather(1, right[:, None])[:, 0]
        state.pointer[:rows] = pointer
        state.made[:rows] += count
        # Last, so that a step that fails can be run again.
        state.at[:rows] += count
