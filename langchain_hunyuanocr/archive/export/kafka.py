"""Messages to a Kafka topic: a page each, by an idempotent producer that goes on after what was acknowledged."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from langchain_hunyuanocr.archive.export import ledger_pages
from langchain_hunyuanocr.archive.export.jsonl import to_line
from langchain_hunyuanocr.archive.export.kafka_state import Sent
from langchain_hunyuanocr.archive.export.outcome import Tally
from langchain_hunyuanocr.archive.export.rows import PageKey, PageRows
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import ArchiveError, require
from langchain_hunyuanocr.report import Failure

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message

_NOTED_AT_ONCE = 100
"""Acknowledged pages that are noted together: how many a killed export may send again, beside those on their way."""
_CONNECT_S = 10.0
_POLL_S = 0.5
_SETTINGS: dict[str, str | int] = {
    "compression.type": "zstd",
    "linger.ms": 20,
    # A cluster that has gone ends the export after this, not after librdkafka's five minutes.
    "message.timeout.ms": 60_000,
    # What is held in memory; librdkafka's own bound is 1 GiB.
    "queue.buffering.max.kbytes": 65_536,
    # What librdkafka has to say comes as errors; its own lines on stderr repeat it many times a second.
    "log_level": 0,
}


def write_kafka(ledger: Ledger, tally: Tally, *, brokers: str, topic: str, config: Mapping[str, str]) -> None:
    """Send every page that is new or changed since the last export to this topic.

    The key is `SHA256:PAGE`, the value the page's JSON; a page that the archive no longer has gets an empty value,
    which a compacted topic takes as its removal. Nothing is lost: what was not acknowledged before a kill is sent
    again. A page whose message is too large is listed as failed, and the rest goes on.

    Args:
        ledger: The archive's.
        tally: Counts pages as they are acknowledged.
        brokers: `HOST:PORT,...` of the cluster.
        topic: The topic.
        config: Further settings of librdkafka, as for its security.

    Raises:
        ArchiveError: confluent-kafka is not installed, a setting is wrong, the cluster cannot be reached or refuses a
            message, or another process exports to this topic.
    """
    require("confluent_kafka", extra="kafka", error=ArchiveError)
    with Sent(ledger.folder, brokers, topic) as sent, _Delivery(sent, tally, brokers, topic, config) as delivery:
        for page in ledger_pages.pages(ledger):
            if isinstance(page, Failure):
                tally.fail(page)
            else:
                delivery.send(page)
        for key in sent.keys():  # noqa: SIM118 - no mapping
            if not ledger_pages.holds(ledger, key):
                delivery.remove(key)
        delivery.finish()


class _Message(NamedTuple):
    """A page on its way."""

    key: PageKey
    source: str
    digest: str | None
    """Of its value; `None` where it is taken away."""
    fields: int = 0
    table_rows: int = 0


class _Delivery:
    """Sends messages and notes which were acknowledged."""

    def __init__(self, sent: Sent, tally: Tally, brokers: str, topic: str, config: Mapping[str, str]) -> None:
        self._sent = sent
        self._tally = tally
        self._topic = topic
        self._place = f"{topic} at {brokers}"
        self._acknowledged: list[_Message] = []
        self._refused: KafkaError | None = None
        self._last_error: KafkaError | None = None
        self._producer = self._make_producer(brokers, config)

    def _make_producer(self, brokers: str, config: Mapping[str, str]) -> Any:
        from confluent_kafka import KafkaException, Producer

        settings = {
            **_SETTINGS,
            **config,
            "bootstrap.servers": brokers,
            "enable.idempotence": True,
            "error_cb": self._note_error,
        }
        try:
            # Its own logger, so that nothing of it reaches stderr by the C library.
            producer = Producer(settings, logger=logging.getLogger("confluent_kafka"))
        except KafkaException as exc:
            raise ArchiveError(
                f"Kafka refuses a setting: {exc.args[0].str()}", source=self._place, remedy="mend --config KEY=VALUE"
            ) from exc
        try:
            producer.list_topics(self._topic, timeout=_CONNECT_S)
        except KafkaException as exc:
            reason = self._last_error or exc.args[0]
            raise ArchiveError(
                f"Kafka cannot be reached: {reason.str()}",
                source=self._place,
                remedy="check --brokers, that the cluster runs, and what it asks for in --config",
            ) from exc
        return producer

    def _note_error(self, error: KafkaError) -> None:
        self._last_error = error

    def send(self, page: PageRows) -> None:
        """Send a page, unless it was sent as it is now; waits while too many are on their way."""
        value = to_line(page).encode()
        digest = hashlib.sha256(value).hexdigest()
        if digest == self._sent.digest(page.key):
            self._tally.leave()
        else:
            self._produce(_Message(page.key, page.page.source, digest, len(page.fields), len(page.table_rows)), value)

    def remove(self, key: PageKey) -> None:
        """Say that a page has gone."""
        self._produce(_Message(key, key.sha256, None), None)

    def finish(self) -> None:
        """Wait until everything is acknowledged."""
        while self._producer.flush(_POLL_S):
            self._settle()
        self._settle()

    def _produce(self, message: _Message, value: bytes | None) -> None:
        from confluent_kafka import KafkaException

        name = "{}:{}".format(*message.key)
        while True:
            try:
                self._producer.produce(
                    self._topic, key=name.encode(), value=value, on_delivery=partial(self._delivered, message)
                )
                break
            except BufferError:
                self._producer.poll(_POLL_S)
                self._settle()
            except KafkaException as exc:
                self._fail(message, exc.args[0])
                break
        self._producer.poll(0)
        if self._refused is not None or len(self._acknowledged) >= _NOTED_AT_ONCE:
            self._settle()

    def _delivered(self, message: _Message, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self._acknowledged.append(message)
        else:
            self._fail(message, error)

    def _fail(self, message: _Message, error: KafkaError) -> None:
        if error.name() != "MSG_SIZE_TOO_LARGE":
            self._refused = self._refused or error
            return
        self._tally.fail(
            Failure(
                source=message.source,
                page=message.key.page,
                error="its message is larger than Kafka takes; raise --config message.max.bytes=N, and the topic's own",
            )
        )

    def _settle(self) -> None:
        """Note what was acknowledged, and end the export where a message was refused for good."""
        self._note()
        if self._refused is not None:
            raise ArchiveError(
                f"Kafka did not take a page: {self._refused.str()}",
                source=self._place,
                remedy="check the cluster and export again: it goes on after what was acknowledged",
            )

    def _note(self) -> None:
        acknowledged, self._acknowledged = self._acknowledged, []
        if not acknowledged:
            return
        self._sent.note((message.key, message.digest) for message in acknowledged)
        for message in acknowledged:
            if message.digest is None:
                self._tally.remove(1)
            else:
                self._tally.count(message.fields, message.table_rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whatever ended the export, what is acknowledged is noted; what waits in the queue is not sent."""
        if error is None:
            return
        self._producer.purge(in_flight=False)
        self._producer.flush(0 if self._refused else _CONNECT_S)
        self._sent.note((message.key, message.digest) for message in self._acknowledged)
