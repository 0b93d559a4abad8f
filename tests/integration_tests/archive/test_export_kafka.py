"""Exports to Kafka: librdkafka's own mock cluster, real connections and all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive import Archive, ExportReport
from langchain_hunyuanocr.archive.export import kafka
from langchain_hunyuanocr.archive.export.rows import rows_of, to_record
from langchain_hunyuanocr.errors import ArchiveError
from tests.exported import failed, forget, invoice, keep, make_ledger, sha

confluent_kafka = pytest.importorskip("confluent_kafka")

TOPIC = "pages"


@pytest.fixture
def brokers() -> Iterator[str]:
    """Of a cluster of two brokers, which lives as long as the producer that made it."""
    cluster = confluent_kafka.Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "mock", "log_level": 0})
    known = cluster.list_topics(TOPIC, timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in known)
    cluster.flush(0)


def messages(brokers: str) -> list[tuple[str, Any]]:
    """All messages of the topic: key and JSON, `None` for an empty one; in order for each key."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": brokers, "group.id": "test", "enable.partition.eof": True, "log_level": 0}
    )
    partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
    consumer.assign([confluent_kafka.TopicPartition(TOPIC, number, 0) for number in partitions])
    found, ended = [], set()
    until = time.monotonic() + 20
    while len(ended) < len(partitions) and time.monotonic() < until:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error() is None:
            value = message.value()
            found.append((message.key().decode(), None if value is None else json.loads(value)))
        else:
            assert message.error().name() == "_PARTITION_EOF"
            ended.add(message.partition())
    consumer.close()
    assert len(ended) == len(partitions)
    return found


def export(folder: Path, brokers: str, **options: Any) -> ExportReport:
    with Archive(folder) as archive:
        return archive.export("kafka", brokers=brokers, topic=TOPIC, **options)


def test_every_page_arrives_once_under_its_key(tmp_path: Path, brokers: str) -> None:
    pages = [invoice("a"), invoice("a", 1, text="中文"), failed("b"), *(invoice("c", page) for page in range(300))]
    make_ledger(tmp_path / "archive", pages)
    seen: list[tuple[int, int]] = []
    report = export(tmp_path / "archive", brokers, on_progress=lambda done, total: seen.append((done, total)))
    assert report.model_dump() == {
        "pages": 303, "fields": 604, "table_rows": 604, "unchanged": 0, "removed": 0, "failures": ()}  # fmt: skip
    found = messages(brokers)
    assert len(found) == 303
    assert dict(found) == {f"{page.sha256}:{page.page}": to_record(rows_of(page)) for page in pages}
    assert [done for done, _ in seen] == list(range(1, 304))


def test_only_what_has_changed_is_sent_again_and_what_has_gone_is_emptied(tmp_path: Path, brokers: str) -> None:
    ledger = make_ledger(tmp_path / "archive", [invoice(name) for name in "abc"])
    export(tmp_path / "archive", brokers)
    assert export(tmp_path / "archive", brokers).model_dump()["unchanged"] == 3
    assert len(messages(brokers)) == 3
    keep(ledger, [invoice("b", total="9")])
    forget(ledger, "c.pdf")
    report = export(tmp_path / "archive", brokers)
    assert (report.pages, report.unchanged, report.removed) == (1, 1, 1)
    last = dict(messages(brokers))
    assert last[f"{sha('b')}:0"]["fields"][0]["value"] == "9"
    assert last[f"{sha('c')}:0"] is None
    assert export(tmp_path / "archive", brokers).removed == 0
    assert len(messages(brokers)) == 5
    keep(ledger, [invoice("c")])
    assert export(tmp_path / "archive", brokers).pages == 1


def test_an_export_that_breaks_off_goes_on_after_what_was_acknowledged(
    tmp_path: Path, brokers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_NOTED_AT_ONCE", 10)
    make_ledger(tmp_path / "archive", [invoice("a", page) for page in range(200)])

    def stop(done: int, total: int) -> None:
        if done == 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "archive", brokers, on_progress=stop)
    arrived = {key for key, _ in messages(brokers)}
    assert len(arrived) >= 25
    report = export(tmp_path / "archive", brokers)
    assert report.unchanged >= 25
    assert report.pages + report.unchanged == 200
    assert Counter(key for key, _ in messages(brokers)) == {f"{sha('a')}:{page}": 1 for page in range(200)}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_killed_export_loses_nothing(tmp_path: Path, brokers: str) -> None:
    make_ledger(tmp_path / "archive", [invoice("a", page) for page in range(400)])
    program = (
        "import sys, time\n"
        "from langchain_hunyuanocr.archive import Archive\n"
        "def seen(done, total):\n"
        "    print(done, flush=True)\n"
        "    time.sleep(0.005)\n"
        "Archive(sys.argv[1]).export('kafka', brokers=sys.argv[2], topic=sys.argv[3], on_progress=seen)\n"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "archive"), brokers, TOPIC]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if int(line) == 30:
                break
        running.send_signal(signal.SIGKILL)
    before = len(messages(brokers))
    report = export(tmp_path / "archive", brokers)
    assert report.unchanged >= 30
    assert report.pages + report.unchanged == 400
    found = Counter(key for key, _ in messages(brokers))
    assert set(found) == {f"{sha('a')}:{page}" for page in range(400)}
    # Sent again is at most what had arrived and was not noted.
    assert found.total() - 400 <= before - report.unchanged


def test_a_page_that_is_too_large_is_listed_and_the_rest_goes_on(tmp_path: Path, brokers: str) -> None:
    large = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(500_000))
    make_ledger(tmp_path / "archive", [invoice("a"), invoice("b", 3, text=large), invoice("c")])
    report = export(tmp_path / "archive", brokers)
    assert (report.pages, report.complete) == (2, False)
    (failure,) = report.failures
    assert (failure.source, failure.page) == ("b.pdf", 3)
    assert "message.max.bytes" in failure.error
    again = export(tmp_path / "archive", brokers, config={"message.max.bytes": "4000000"})
    assert (again.pages, again.unchanged, again.complete) == (1, 2, True)
    assert {key for key, _ in messages(brokers)} == {f"{sha('a')}:0", f"{sha('b')}:3", f"{sha('c')}:0"}


def test_a_cluster_that_goes_away_ends_the_export_within_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ledger(tmp_path / "archive", [invoice("a", page) for page in range(300)])
    program = (
        "import confluent_kafka, sys\n"
        "settings = {'test.mock.num.brokers': 1, 'bootstrap.servers': 'mock', 'log_level': 0}\n"
        "cluster = confluent_kafka.Producer(settings)\n"
        "known = cluster.list_topics(timeout=10).brokers.values()\n"
        "print(','.join(f'{broker.host}:{broker.port}' for broker in known), flush=True)\n"
        "sys.stdin.read()\n"
    )
    monkeypatch.setattr(kafka, "_NOTED_AT_ONCE", 10)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as cluster:
        assert cluster.stdout is not None
        brokers = cluster.stdout.readline().strip()

        def stop_cluster(done: int, total: int) -> None:
            cluster.kill()
            cluster.wait()

        with pytest.raises(ArchiveError, match=r"did not take a page.*goes on after what was acknowledged"):
            export(
                tmp_path / "archive",
                brokers,
                # Few on their way at a time, so that most are still to be sent.
                config={"message.timeout.ms": "2000", "queue.buffering.max.messages": "20"},
                on_progress=stop_cluster,
            )
    monkeypatch.setattr(kafka, "_CONNECT_S", 1.0)
    with pytest.raises(ArchiveError, match="cannot be reached"):
        export(tmp_path / "archive", brokers)


def test_a_wrong_setting_is_named(tmp_path: Path, brokers: str) -> None:
    make_ledger(tmp_path / "archive", [invoice("a")])
    with pytest.raises(ArchiveError, match=r"nope.*--config"):
        export(tmp_path / "archive", brokers, config={"nope": "1"})
    with pytest.raises(ArchiveError, match=r"acks.*--config"):
        export(tmp_path / "archive", brokers, config={"acks": "1"})


def test_the_command_exports(tmp_path: Path, brokers: str) -> None:
    make_ledger(tmp_path / "archive", [invoice("a"), invoice("b")])
    program = Path(sys.executable).with_name("hunyuanocr")
    done = subprocess.run(
        [program, "export", "--archive", "archive", "--to", "kafka", "--brokers", brokers, "--topic", TOPIC,
         "--config", "client.id=archive", "--json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, env=os.environ,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "pages": 2, "fields": 4, "table_rows": 4, "unchanged": 0, "removed": 0, "failures": []}  # fmt: skip
    assert {key for key, _ in messages(brokers)} == {f"{sha('a')}:0", f"{sha('b')}:0"}
