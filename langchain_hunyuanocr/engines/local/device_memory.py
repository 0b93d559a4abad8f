"""How much memory a device has left."""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path

_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)


def free_bytes(device: str) -> int:
    """Bytes that can still be taken on `cpu`, `cuda` or `cuda:1`."""
    import torch

    if torch.device(device).type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # What torch holds without using it can be taken again.
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    try:
        found = _AVAILABLE.search(Path("/proc/meminfo").read_text(encoding="ascii"))
        if found:
            return int(found[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def ran_out(exc: BaseException) -> bool:
    """Whether an error says that memory has run out."""
    import torch

    said = isinstance(exc, RuntimeError) and "allocate memory" in str(exc)
    return said or isinstance(exc, torch.OutOfMemoryError | MemoryError)


def release() -> None:
    """Give back what torch holds without using it."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def gib(count: float) -> str:
    """Bytes for people."""
    return f"{count / 2**30:.1f} GiB"
