"""An archive's export to one of its targets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from langchain_hunyuanocr.archive.export import ledger_pages
from langchain_hunyuanocr.archive.export.jsonl import write_jsonl
from langchain_hunyuanocr.archive.export.kafka import write_kafka
from langchain_hunyuanocr.archive.export.outcome import ExportReport, OnExported, Tally
from langchain_hunyuanocr.archive.export.parquet import write_parquet
from langchain_hunyuanocr.archive.export.sql import write_sql
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import ArchiveError

PREFIX = "hunyuanocr_"
"""What the names of SQL tables begin with, where nothing else is asked for."""


class Target(StrEnum):
    """Where an archive can be exported to."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    SQL = "sql"
    KAFKA = "kafka"


def export(
    ledger: Ledger,
    to: Target,
    *,
    out: Path | None = None,
    url: str | None = None,
    prefix: str | None = None,
    brokers: str | None = None,
    topic: str | None = None,
    config: Mapping[str, str] | None = None,
    on_progress: OnExported | None = None,
) -> ExportReport:
    """Export every page with its fields and tables; see `Archive.export`."""
    given = {"out": out, "url": url, "prefix": prefix, "brokers": brokers, "topic": topic, "config": config or None}
    _check(to, {name for name, value in given.items() if value is not None})
    tally = Tally(ledger_pages.expected(ledger), on_progress)
    match to:
        case Target.JSONL:
            write_jsonl(ledger_pages.pages(ledger), tally, out)
        case Target.PARQUET:
            write_parquet(ledger_pages.pages(ledger), tally, Path(out or ""))
        case Target.SQL:
            write_sql(
                ledger_pages.pages(ledger),
                tally,
                url or "",
                prefix=PREFIX if prefix is None else prefix,
                archive_id=ledger_pages.archive_id(ledger),
            )
        case Target.KAFKA:
            write_kafka(ledger, tally, brokers=brokers or "", topic=topic or "", config=config or {})
    return tally.report()


_NEEDS = {Target.JSONL: (), Target.PARQUET: ("out",), Target.SQL: ("url",), Target.KAFKA: ("brokers", "topic")}
_TAKES = {Target.JSONL: ("out",), Target.PARQUET: (), Target.SQL: ("prefix",), Target.KAFKA: ("config",)}


def _check(to: Target, given: set[str]) -> None:
    missing = [name for name in _NEEDS[to] if name not in given]
    if missing:
        options = " and ".join(f"--{name}" for name in missing)
        raise ArchiveError(f"an export to {to} needs {options}", remedy=f"give {options}")
    needless = sorted(given - {*_NEEDS[to], *_TAKES[to]})
    if needless:
        raise ArchiveError(f"an export to {to} does not take --{needless[0]}", remedy=f"leave --{needless[0]} out")
