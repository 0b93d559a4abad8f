"""No library of a screen is needed, nor any package that needs one: slim containers and servers have none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

import pytest
from PIL import Image

from tests.closure import closure
from tests.integration_tests.files import picture

WITH_SCREEN = {"opencv-python", "opencv-contrib-python"}
"""Builds of OpenCV that need libGL; they also overwrite the files of the headless one."""
PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = sorted(PROJECT["project"]["optional-dependencies"])
GROUPS = sorted(PROJECT["dependency-groups"])
TEXT = "\n".join(f"Clause {number}: the rent of the house is due on the first day." for number in range(1, 9))


@pytest.mark.parametrize("extra", EXTRAS)
def test_no_extra_brings_an_opencv_that_needs_a_screen(extra: str) -> None:
    assert extra in metadata("langchain-hunyuanocr").get_all("Provides-Extra", [])
    brought = closure([f"langchain-hunyuanocr[{extra}]"])
    assert "langchain-core" in brought
    assert brought & WITH_SCREEN == set()


@pytest.mark.parametrize("group", GROUPS)
def test_no_group_of_development_brings_one(group: str) -> None:
    assert closure(PROJECT["dependency-groups"][group]) & WITH_SCREEN == set()


def test_a_turned_page_is_read_where_libgl_and_libx11_cannot_be_loaded(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    for package in WITH_SCREEN:
        if _installed(package):
            pytest.skip(
                f"{package} is installed, which nothing here asks for: pip uninstall -y {package} && "
                "pip install --force-reinstall --no-deps opencv-python-headless"
            )
    picture(TEXT, size=(1400, 560)).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png")
    without_screen = _namespace_without(_libraries_of_a_screen())
    probe = [sys.executable, "-c", "import ctypes; ctypes.CDLL('libGL.so.1')"]
    assert subprocess.run([*without_screen, *probe], capture_output=True).returncode != 0
    program = str(Path(sys.executable).with_name("hunyuanocr"))
    done = subprocess.run(
        [*without_screen, program, "read", "turned.png", "--engine", "rapid"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "the rent of the house is due on the first day" in done.stdout


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _libraries_of_a_screen() -> list[str]:
    """Files of libGL, libGLX and libX11 that the loader knows; none where they are not installed."""
    ldconfig = shutil.which("ldconfig") or shutil.which("ldconfig", path="/sbin:/usr/sbin")
    if ldconfig is None:
        pytest.skip("there is no ldconfig to say where libraries lie")
    known = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"=> (\S*/lib(?:GL|GLX|X11)\.so\S*)", known)))


def _namespace_without(libraries: list[str]) -> list[str]:
    """The start of a command line that runs what follows where these files are hidden; empty where there are none.

    Only the process that is started sees the mounts: `unshare` makes them private.
    """
    if not libraries:
        return []
    hide = " && ".join(f'mount --bind /dev/null "{library}"' for library in libraries)
    root = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ["unshare", "--mount", *root, "sh", "-c", f'{hide} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace may be made here, so the libraries cannot be hidden")
    return command
