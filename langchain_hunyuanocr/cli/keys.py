"""`hunyuanocr keys`: makes, lists and revokes the API keys of a service."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import JsonOption
from langchain_hunyuanocr.errors import ServiceError, require

if TYPE_CHECKING:
    from langchain_hunyuanocr.service.auth import ApiKeyFile

app = typer.Typer(help="API keys of `hunyuanocr serve`.", no_args_is_help=True, add_completion=False)

KeysOption = Annotated[Path, typer.Option("--keys", envvar="HUNYUANOCR_KEYS", help="File that holds their hashes.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    keys: KeysOption,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="read, ask or admin; give it several times for several.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="How long it is good; for ever by default.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="How often it may be used, such as 60/minute.")] = None,
) -> None:
    """Make a key, print it, and keep only its hash; a running service takes it at once."""
    key_file = _key_file(keys)
    from langchain_hunyuanocr.service.auth import SCOPES, Scope

    scopes = scope or ["read"]
    if unknown := [one for one in scopes if one not in SCOPES]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(SCOPES)}", param_hint="--scope")
    if rate is not None:
        from langchain_hunyuanocr.service.auth.rate_limit import check_rate

        check_rate(rate)
    lasts = None if days is None else timedelta(days=days)
    key = key_file.add(name, cast("list[Scope]", scopes), lasts=lasts, rate=rate)
    console.say("the key is shown only now; keep it as you would a password")
    sys.stdout.write(f"{key}\n")


@app.command("list")
def list_keys(keys: KeysOption, as_json: JsonOption = False) -> None:
    """Show the keys that there are: id, name, scopes, end and rate."""
    found = _key_file(keys).keys()
    if as_json:
        console.write_json([key.model_dump(mode="json", exclude={"sha256"}) for key in found])
        return
    for key in found:
        until = f"until {key.expires:%Y-%m-%d}" if key.expires else "for ever"
        sys.stdout.write(f"{key.id}  {key.name}  {','.join(key.scopes)}  {until}  {key.rate or ''}".rstrip() + "\n")


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="As `list` shows it.")], keys: KeysOption) -> None:
    """Take a key away; a running service refuses it at once."""
    _key_file(keys).revoke(id)


def _key_file(keys: Path) -> ApiKeyFile:
    """The keys, of a service that is installed.

    Raises:
        ServiceError: It is not.
    """
    for module in ("fastapi", "limits"):
        require(module, extra="service", error=ServiceError)
    from langchain_hunyuanocr.service.auth import ApiKeyFile

    return ApiKeyFile(keys)
