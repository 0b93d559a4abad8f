"""A service in a process of its own, so that its memory, descriptors and threads are nobody else's."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access, Bounds, ServiceSettings, create_app
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.connections import server_of
from langchain_hunyuanocr.ui import mount_page

OFTEN = "1000000/minute"
PATIENCE_S = 1.5


def main(folder: Path) -> None:
    """Serve until the process is ended; the port and a key are written first."""
    key = ApiKeyFile(folder / "keys.json").add("a", ["read", "admin"])
    bounds = Bounds(head_timeout_s=PATIENCE_S, body_timeout_s=PATIENCE_S, rate=OFTEN, wrong_rate=OFTEN, queue=500)
    access = Access(keys=folder / "keys.json")
    settings = ServiceSettings(state=folder / "state", access=access, bounds=bounds, warm_up=False)
    app = create_app(settings, ScriptedEngine("page"))
    mount_page(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]} {key}\n")
        sys.stdout.flush()
        server_of(app).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
