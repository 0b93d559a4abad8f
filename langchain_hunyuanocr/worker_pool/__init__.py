"""Worker processes that do one kind of work, and how the parent talks to them.

Started with `subprocess` and not with `multiprocessing`, whose `spawn` would import the user's `__main__` again. `pool`
is the parent's side, `child` the worker's, `protocol` what goes between them, `limits` what holds a worker's memory.
"""

from langchain_hunyuanocr.worker_pool.child import serve
from langchain_hunyuanocr.worker_pool.limits import answer_within_limits
from langchain_hunyuanocr.worker_pool.pool import Pool, WorkerLostError

__all__ = ["Pool", "WorkerLostError", "answer_within_limits", "serve"]
