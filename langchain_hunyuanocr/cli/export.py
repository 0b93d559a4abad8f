"""The command `export`: an archive's pages, fields and tables elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import ArchiveOption, JsonOption
from langchain_hunyuanocr.cli.progress import progress
from langchain_hunyuanocr.errors import ArchiveError


def export(
    archive: ArchiveOption,
    to: Annotated[Literal["jsonl", "parquet", "sql", "kafka"], typer.Option("--to", help="What to write.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for jsonl, stdout without it; folder for parquet.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="HUNYUANOCR_EXPORT_URL",
            show_envvar=True,
            help="Database for sql: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.",
        ),
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What the names of the sql tables begin with; hunyuanocr_.")
    ] = None,
    brokers: Annotated[str | None, typer.Option("--brokers", help="HOST:PORT,... for kafka.")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="Topic for kafka.")] = None,
    config: Annotated[
        list[str] | None,
        typer.Option("--config", metavar="KEY=VALUE", help="A setting of librdkafka, as for its security."),
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config-file",
            metavar="FILE",
            help="Settings of librdkafka, KEY=VALUE a line: passwords do not belong on a command line.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write pages, fields and tables as JSON lines, Parquet, SQL tables or Kafka messages."""
    from langchain_hunyuanocr.archive import Archive

    to_stdout = to == "jsonl" and out is None
    if to_stdout and as_json:
        raise ArchiveError("--json and the export would both go to stdout", remedy="name a file with --out")
    with Archive(archive) as store, progress() as show:
        report = store.export(
            to,
            out=out,
            # From the environment, it may be there for another target.
            url=url if to == "sql" else None,
            prefix=prefix,
            brokers=brokers,
            topic=topic,
            config={**_settings_of(config_file), **_settings(config or [], "--config")},
            on_progress=lambda done, total: show(f"to {to}", done, total),
        )
    if as_json:
        console.write_json(report.model_dump(mode="json"))
    else:
        words = (
            f"{report.pages} pages, {report.fields} fields, {report.table_rows} table rows written; "
            f"{report.unchanged} pages unchanged, {report.removed} removed"
        )
        (console.stderr if to_stdout else console.stdout).print(words)
    console.list_failures(report)
    raise typer.Exit(console.exit_status(report))


def _settings_of(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no text"
        raise ArchiveError(
            f"the settings cannot be read: {why}", source=str(path), remedy="name a file of KEY=VALUE lines"
        ) from exc
    return _settings([line for line in lines if line.strip() and not line.lstrip().startswith("#")], str(path))


def _settings(pairs: list[str], of: str) -> dict[str, str]:
    settings = {}
    for number, pair in enumerate(pairs, 1):
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            # Not repeated: it may be a password.
            raise ArchiveError(f"the setting {number} of {of} is not understood", remedy="write key=value")
        settings[key.strip()] = value
    return settings
