"""Graphs: decoding steps captured as CUDA graphs, so that a step costs one launch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Any

_log = logging.getLogger(__name__)


class StepGraphs:
    """A graph for each shape of a step.

    The first run of each goes as it is, which also warms it up; the second is captured.
    """

    def __init__(self) -> None:
        import torch

        self._torch = torch
        self._pool = torch.cuda.graph_pool_handle()
        self._seen: set[Hashable] = set()
        self._graphs: dict[Hashable, Any] = {}
        self._broken = False

    def run(self, key: Hashable, step: Callable[[], None]) -> None:
        """Run a step, from its graph where there is one."""
        if self._broken or key not in self._seen:
            self._seen.add(key)
            step()
            return
        if key not in self._graphs:
            graph = self._torch.cuda.CUDAGraph()
            try:
                # Other threads of the program may use the GPU meanwhile.
                with self._torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                    step()
            except self._torch.OutOfMemoryError:
                raise
            except RuntimeError as exc:
                reason = str(exc).partition("\n")[0]
                _log.warning("CUDA graphs cannot be used here, decoding goes on without: %s", reason)
                self._broken = True
                step()
                return
            self._graphs[key] = graph
        self._graphs[key].replay()

    def forget(self) -> None:
        """Drop all graphs: what they were captured on has moved."""
        self._graphs.clear()
        self._seen.clear()
        # A pool ends with its last graph, and torch refuses to capture into one that has ended.
        self._pool = self._torch.cuda.graph_pool_handle()
