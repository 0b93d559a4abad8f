"""The chat model that writes answers: made from its name, and its failures in the words of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import ArchiveError, EngineError, HunyuanOCRError, require

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LLAMA_CPP = "llama.cpp"
"""What stands before the path of a model that is served on this machine."""
_ANSWER_TOKENS = 2048
_LONGEST = 300
"""Characters of a provider's message that are passed on."""
_REMEDIES = (
    (("auth", "permission", "api_key", "api key", "credential", "401", "403"), "check the provider's API key"),
    (("ratelimit", "rate limit", "429", "quota", "overloaded"), "wait a little and ask again, or name another model"),
    (("notfound", "not found", "404"), "check the model's name"),
    (("connect", "timeout", "timed out", "network"), "check that the model's server can be reached"),
    (("context", "too long", "maximum"), "ask with a smaller k, or name a model that reads more"),
)


def open_model(llm: BaseChatModel | str) -> BaseChatModel:
    """The chat model itself, from its name as `init_chat_model` takes it (`openai:gpt-5`, `ollama:qwen3`).

    `llama.cpp:/path/model.gguf` is served by a llama-server that is started here and ends with this process.

    Raises:
        EngineError: A package is missing, there is no such provider, or the model cannot be set up.
    """
    if not isinstance(llm, str):
        return llm
    if not llm.strip():
        raise _no_provider(llm)
    chat_models: Any = require("langchain.chat_models", extra="llm")
    local = local_model(llm)
    try:
        if local is not None:
            return _on_this_machine(local, chat_models.init_chat_model)
        model: BaseChatModel = chat_models.init_chat_model(llm.strip())
    except (ImportError, AttributeError) as exc:  # some are looked for in langchain-community too, which lacks them
        package = _missing_package(exc, "openai" if local else llm)
        raise EngineError(
            f"the chat model {llm!r} needs a package that is not installed",
            remedy=f'pip install "langchain-hunyuanocr[llm]" {package}',
        ) from exc
    except HunyuanOCRError:
        raise
    except ValueError as exc:
        # pydantic's errors of a setting that is missing, such as a key, are ValueErrors too.
        if type(exc) is ValueError and "provider" in str(exc):
            raise _no_provider(llm) from exc
        raise failure_of(exc) from exc
    except Exception as exc:
        raise failure_of(exc) from exc
    return model


def local_model(llm: BaseChatModel | str | None) -> Path | None:
    """The GGUF file that a name like `llama.cpp:/path/model.gguf` means; `None` for any other model."""
    provider, colon, path = llm.strip().partition(":") if isinstance(llm, str) else ("", "", "")
    return Path(path.strip()).expanduser() if colon and provider.strip() == LLAMA_CPP else None


def check_local(llm: BaseChatModel | str | None) -> None:
    """See, without starting it, that a model which is to be served on this machine can be.

    Raises:
        EngineError: Its file is missing or is no GGUF file, or llama-server is not installed.
    """
    path = local_model(llm)
    if path is not None:
        from langchain_hunyuanocr.engines.server.llama_server import check_model

        check_model(path)


def _on_this_machine(path: Path, init_chat_model: Callable[..., BaseChatModel]) -> BaseChatModel:
    from langchain_hunyuanocr.engines.server.llama_server import shared_server

    check_local(f"{LLAMA_CPP}:{path}")
    server = shared_server(path)
    # The package is looked for before a model of gigabytes is loaded.
    options: dict[str, Any] = {"api_key": server.api_key, "temperature": 0, "max_tokens": _ANSWER_TOKENS}
    init_chat_model(f"openai:{path.stem}", base_url="http://127.0.0.1", **options)
    return init_chat_model(f"openai:{path.stem}", base_url=server.start(), **options)


@contextmanager
def model_errors() -> Iterator[None]:
    """Whatever a provider raises, as an `EngineError` in one line."""
    try:
        yield
    except HunyuanOCRError:
        raise
    except Exception as exc:
        raise failure_of(exc) from exc


def failure_of(error: Exception) -> EngineError:
    """What went wrong at the provider, with what can be done."""
    said = " ".join(str(error).split())[:_LONGEST]
    name = type(error).__name__
    signs = f"{name} {said}".casefold()
    remedy = next(
        (remedy for words, remedy in _REMEDIES if any(word in signs for word in words)),
        "look at the provider's message, or ask without a chat model",
    )
    return EngineError(f"the chat model failed: {name}{f': {said}' if said else ''}", remedy=remedy)


def no_model() -> ArchiveError:
    """That a chat model is wanted and none is named."""
    return ArchiveError(
        "no chat model is named",
        remedy='name one, as in llm="openai:gpt-5", --llm ollama:qwen3 or --llm llama.cpp:/path/model.gguf, '
        "or use another mode",
    )


def _no_provider(llm: str) -> EngineError:
    return EngineError(
        f"{llm!r} names no chat model that is known",
        remedy="write it as provider:model, as in openai:gpt-5 or ollama:qwen3, or as llama.cpp:/path/model.gguf",
    )


def _missing_package(error: Exception, llm: str) -> str:
    """The provider's package: LangChain names it in its message."""
    words = str(error).replace("`", " ").replace("'", " ").split()
    named = [word.rstrip(".,)") for word in words if word.startswith("langchain-")]
    return named[0] if named else f"langchain-{llm.partition(':')[0].strip().replace('_', '-')}"
