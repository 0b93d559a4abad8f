"""The program: its commands, and the one place where errors become exit statuses."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from langchain_hunyuanocr.cli import console, keys
from langchain_hunyuanocr.cli.archive import ask, ingest, purge, repair, retry, search, status, undo
from langchain_hunyuanocr.cli.demo import demo
from langchain_hunyuanocr.cli.doctor import doctor
from langchain_hunyuanocr.cli.export import export
from langchain_hunyuanocr.cli.mcp import mcp
from langchain_hunyuanocr.cli.read import read
from langchain_hunyuanocr.cli.serve import serve
from langchain_hunyuanocr.cli.serve_model import serve_model
from langchain_hunyuanocr.errors import HunyuanOCRError

_INTERRUPTED = 130

app = typer.Typer(
    help="Scanned documents in, Markdown, tables, fields and answers with evidence out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"hunyuanocr {version('langchain-hunyuanocr')}\n")
        raise typer.Exit()


@app.callback()
def _program(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    # What every command has; its help is that of `app`.
    pass


for command in (read, ingest, status, retry, search, ask, export, mcp, serve, serve_model, doctor, demo):
    app.command()(command)
app.add_typer(keys.app, name="keys")
care = typer.Typer(help="Takes care of an archive.", no_args_is_help=True, add_completion=False)
care.command()(undo)
care.command()(purge)
care.command()(repair)
app.add_typer(care, name="archive")


def main() -> None:
    """Run the command line and leave with its exit status."""
    console.escape_what_a_stream_cannot_hold()
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    # Which engine was taken, and whatever else the package has to say of its choices.
    logging.getLogger("langchain_hunyuanocr").setLevel(logging.INFO)
    try:
        app(standalone_mode=True)
    except HunyuanOCRError as error:
        console.say(f"hunyuanocr: {error}")
        sys.exit(console.EXIT_WRONG)
    except KeyboardInterrupt:
        console.say("hunyuanocr: interrupted; what was done is kept")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader of stdout has gone, as `head` does; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(console.EXIT_SOME_FAILED)
    except ImportError as error:
        console.say(
            f"hunyuanocr: {error.name or 'a package'} cannot be imported: {console.one_line(error)} "
            "(pip install --force-reinstall langchain-hunyuanocr, with the extras you use)"
        )
        sys.exit(console.EXIT_WRONG)
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        console.say(f"hunyuanocr: {where}{(error.strerror or console.one_line(error)).lower()}")
        sys.exit(console.EXIT_WRONG)
