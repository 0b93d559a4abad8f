"""Child processes that do one kind of work, and how the parent talks to them.

Started with `subprocess` and not with `multiprocessing`, whose `spawn` would import the user's `__main__` again.
"""

from langchain_hunyuanocr.worker_pool.child import serve
from langchain_hunyuanocr.worker_pool.limits import answer_within_limits
from langchain_hunyuanocr.worker_pool.pool import Pool, WorkerLostError

__all__ = ["Pool", "WorkerLostError", "answer_within_limits", "serve"]
