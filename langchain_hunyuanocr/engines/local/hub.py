"""Model hubs: which have HunyuanOCR, and the files of it that are needed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from langchain_hunyuanocr.engines.base import HUB_VARIABLE
from langchain_hunyuanocr.engines.local.releases import LICENCE, MODEL, REVISION, WEIGHTS_SIZE, release
from langchain_hunyuanocr.errors import EngineError, require

_log = logging.getLogger(__name__)

_MODELSCOPE_MODEL = "Tencent-Hunyuan/HunyuanOCR"
_MODELSCOPE_REVISION = "master"
"""ModelScope has commits of its own, so that the commit pinned for the Hugging Face Hub means nothing there."""
_HUBS = ("huggingface", "modelscope")
_NEEDED = ("*.json", "*.safetensors", "*.jinja", "*.txt")
"""Configuration, weights, chat template and vocabulary; a repository also has pictures, scripts and papers."""


def is_folder(model: str) -> bool:
    """Whether `model` names a folder and not a repository of a hub."""
    path = Path(model).expanduser()
    return path.is_dir() or path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1


def revision_label(
    model: str, revision: str, *, hub: str = "auto", version: str = "1.5", quantization: str | None = None
) -> str:
    """What tells the answers of one loaded checkpoint from those of another: `449e7d…`, `master/v1.0+int8`.

    Args:
        model: As for `load`; the revision of a folder is not known.
        revision: As for `load`.
        hub: As for `load`.
        version: As for `load`.
        quantization: As for `load`.

    Raises:
        EngineError: There is no such hub or version.
    """
    found = (
        ""
        if is_folder(model)
        else "/".join(part for part in (_revision_at(_hub(hub), revision), release(version).subfolder) if part)
    )
    return f"{found}+{quantization}" if quantization else found


def find_checkpoint(model: str, revision: str, *, hub: str, version: str) -> Path:
    """The folder that holds a checkpoint, downloaded where it is not there yet.

    Args:
        model: A folder, or a repository of a hub.
        revision: Commit or branch of the repository.
        hub: `huggingface`, `modelscope`, or `auto`, which takes what the environment variable HUNYUANOCR_HUB names.
        version: `1.5` or `1.0`; of a folder that holds both, as the repository does.

    Raises:
        EngineError: It is not there and cannot be downloaded.
    """
    subfolder = release(version).subfolder
    if is_folder(model):
        folder = Path(model).expanduser()
        if not folder.is_dir():
            remedy = "name the folder of a HunyuanOCR checkpoint"
            raise EngineError("there is no such folder", source=model, remedy=remedy)
        return folder / subfolder if (folder / subfolder).is_dir() else folder
    where = _hub(hub)
    revision = _revision_at(where, revision)
    needed, others = _patterns(subfolder)
    if not weights_here(model, revision, hub=where, version=version):
        size = f", {WEIGHTS_SIZE}," if model == MODEL else ""
        _log.warning("the weights of %s%s are fetched from %s first, %s", model, size, where, LICENCE)
    download = _from_modelscope if where == "modelscope" else _from_huggingface
    folder = download(model, revision, needed, others) / subfolder
    if not folder.is_dir():
        raise EngineError(
            f"{model} has no folder {subfolder!r} at revision {revision!r}",
            remedy=f'take revision="{REVISION}"' if where == "huggingface" else 'take version="1.5"',
        )
    return folder


def weights_here(model: str, revision: str = REVISION, *, hub: str = "auto", version: str = "1.5") -> bool:
    """Whether the weights of a checkpoint lie on this machine already; nothing is fetched.

    Args:
        model: As for `find_checkpoint`.
        revision: As for `find_checkpoint`.
        hub: As for `find_checkpoint`.
        version: As for `find_checkpoint`.

    Raises:
        EngineError: There is no such hub or version, or the client of the hub is not installed.
    """
    subfolder = release(version).subfolder
    if is_folder(model):
        folder = Path(model).expanduser()
        return any((folder / subfolder).glob("*.safetensors")) or any(folder.glob("*.safetensors"))
    where = _hub(hub)
    revision = _revision_at(where, revision)
    needed, others = _patterns(subfolder)
    look: Callable[..., object]
    if where == "modelscope":
        name = _MODELSCOPE_MODEL if model == MODEL else model
        look = require("modelscope_hub", extra="modelscope").HubApi().download_repo
        given: dict[str, object] = {"repo_type": "model", "allow_patterns": needed}
    else:
        name = model
        look = require("huggingface_hub", extra="local").snapshot_download
        given = {"allow_patterns": needed, "ignore_patterns": others}
    try:
        # Some versions of the clients compare what is asked for with what is there.
        cached = Path(str(look(name, revision=revision, local_files_only=True, **given)))
    except Exception:  # each client says in its own way that it has nothing
        return False
    return any((cached / subfolder).glob("*.safetensors"))


def _patterns(subfolder: str) -> tuple[list[str], list[str]]:
    """Which files of a repository are needed, and which of those that fit are not."""
    prefix = f"{subfolder}/" if subfolder else ""
    return [prefix + pattern for pattern in _NEEDED], [f"{prefix}*/*"]


def _hub(hub: str) -> str:
    name = (os.environ.get(HUB_VARIABLE) or _HUBS[0]) if hub == "auto" else hub
    if name not in _HUBS:
        raise EngineError(f"there is no hub {name!r}", remedy=f"take auto, {' or '.join(_HUBS)}")
    return name


def _revision_at(hub: str, revision: str) -> str:
    return _MODELSCOPE_REVISION if hub == "modelscope" and revision == REVISION else revision


def _from_huggingface(model: str, revision: str, needed: list[str], others: list[str]) -> Path:
    hub = require("huggingface_hub", extra="local")
    errors = require("huggingface_hub.errors", extra="local")
    try:
        return Path(hub.snapshot_download(model, revision=revision, allow_patterns=needed, ignore_patterns=others))
    except errors.RevisionNotFoundError as exc:
        raise EngineError(
            f"{model} has no revision {revision!r}", remedy=f"the revision of HunyuanOCR-1.5 is {REVISION}"
        ) from exc
    except errors.RepositoryNotFoundError as exc:
        raise EngineError(
            f"the Hub has no model {model!r}, or it is private", remedy=f'take model="{MODEL}" or a folder'
        ) from exc
    except errors.HFValidationError as exc:
        raise EngineError(f"{model!r} is neither a folder nor a model of the Hub", remedy=f'take "{MODEL}"') from exc
    except Exception as exc:
        # Which errors a broken connection raises depends on the client under the hub's library, and on its version.
        raise _not_downloaded(
            model, exc, 'check the network, set HF_ENDPOINT=https://hf-mirror.com, take hub="modelscope" or a folder'
        ) from exc


def _from_modelscope(model: str, revision: str, needed: list[str], others: list[str]) -> Path:
    # The official client by itself: 2 MB, where the package `modelscope` that rests on it takes 70.
    client = require("modelscope_hub", extra="modelscope")
    constants = require("huggingface_hub.constants", extra="local")
    api = client.HubApi()
    name = _MODELSCOPE_MODEL if model == MODEL else model
    request = {"repo_type": "model", "revision": revision, "allow_patterns": needed, "ignore_patterns": others}
    try:
        if constants.HF_HUB_OFFLINE:
            return Path(api.download_repo(name, **request, local_files_only=True))
        try:
            return Path(api.download_repo(name, **request))
        except client.NetworkError:
            # It asks for the list of files even where all of them are in its cache.
            return Path(api.download_repo(name, **request, local_files_only=True))
    except client.NotExistError as exc:
        raise EngineError(
            f"ModelScope has no model {name!r}, or no revision {revision!r} of it",
            remedy=f'take model="{MODEL}" and revision="{_MODELSCOPE_REVISION}"',
        ) from exc
    except Exception as exc:
        raise _not_downloaded(name, exc, 'check the network, or take hub="huggingface" or a folder') from exc


def _not_downloaded(model: str, exc: Exception, remedy: str) -> EngineError:
    # Of its own errors the client says much, and the system says what a full disk or a missing right is.
    why = f": {exc.strerror.lower()}" if isinstance(exc, OSError) and exc.strerror else ""
    return EngineError(f"{model} is not in the cache, or not all of it, and cannot be downloaded{why}", remedy=remedy)
