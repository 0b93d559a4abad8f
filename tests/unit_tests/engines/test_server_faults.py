from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from langchain_hunyuanocr.engines.server.faults import (
    BrokenAnswerError,
    Fault,
    Kind,
    SaidError,
    backoff_s,
    fault_from,
    fault_of,
    wait_asked_for,
)
from langchain_hunyuanocr.engines.server.load_balancer import Endpoint
from langchain_hunyuanocr.engines.server.retry import RetryState

openai = pytest.importorskip("openai")

SENT = frozenset({"top_k", "repetition_penalty", "repeat_last_n", "skip_special_tokens", "logprobs", "top_logprobs"})


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (408, "Request Timeout", Kind.FAILED),
        (429, "Too Many Requests: the context window is irrelevant", Kind.BUSY),
        (500, "CUDA error: an illegal memory access was encountered", Kind.FAILED),
        (502, "<html>Bad Gateway</html>", Kind.FAILED),
        (503, "Loading model", Kind.FAILED),
        (599, "", Kind.FAILED),
        (400, "cannot identify image file", Kind.REFUSED),
        (405, "Method Not Allowed", Kind.REFUSED),
        (409, "Conflict", Kind.REFUSED),
        (422, '{"detail": [{"msg": "field required"}]}', Kind.REFUSED),
        (401, "Unauthorized", Kind.NO_KEY),
        (403, "Forbidden", Kind.NO_KEY),
        (404, "Not Found", Kind.NO_MODEL),
        (404, "The model `x` does not exist.", Kind.NO_MODEL),
        (400, "Server is pinned to '/m'; requested 'x'.", Kind.NO_MODEL),
        (413, "Request Entity Too Large", Kind.TOO_LONG),
        (422, "Unexpected fields in the request: {'top_k', 'repetition_penalty'}", Kind.UNKNOWN_SETTING),
        (400, "unsupported parameter: seed", Kind.REFUSED),
        # Known, and refused for its value: the caller's own (vLLM 0.32, llama.cpp), or one that we chose (both again).
        (400, "repetition_penalty must be greater than zero, got 0.0.", Kind.REFUSED),
        (400, "Failed to initialize samplers: penalty_repeat must be finite and greater than 0", Kind.REFUSED),
        (
            400,
            '{"error":{"code":400,"message":"Field \'repeat_last_n\': Value must be between 0 <= value <= 2147483647, '
            'but got -1","type":"invalid_request_error"}}',
            Kind.UNKNOWN_SETTING,
        ),
        (
            400,
            "Requested sample logprobs of 50, which is greater than max allowed: 20 (parameter=logprobs, value=50)",
            Kind.UNKNOWN_SETTING,
        ),
        # vLLM 0.32
        (
            400,
            '{"error":{"message":"max_tokens=8192 cannot be greater than max_model_len=2048. Please request fewer '
            'output tokens. (parameter=max_tokens, value=8192)","type":"BadRequestError","param":"max_tokens",'
            '"code":400}}',
            Kind.ANSWER_TOO_LONG,
        ),
        # Without vision: vLLM, llama.cpp, and others that speak the protocol.
        (400, "Qwen3-0.6B is not a multimodal model", Kind.NO_VISION),
        (400, "At most 0 image(s) may be provided in one prompt.", Kind.NO_VISION),
        (500, "image input is not supported - hint: you may need to provide the mmproj", Kind.NO_VISION),
        (400, "This model does not support image input", Kind.NO_VISION),
        (400, "messages.content.type is invalid, allowed values: ['text']", Kind.NO_VISION),
    ],
)  # fmt: skip
def test_what_a_status_calls_for(status: int, text: str, kind: Kind) -> None:
    assert fault_from(status, text, {}, SENT).kind is kind


@pytest.mark.parametrize(
    ("said", "context", "about_answer"),
    [
        # vLLM, from 0.6 to now
        (
            "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens (808 "
            "in the messages, "
            "8192 in the completion). Please reduce the length of the messages or completion.",
            4096,
            True,
        ),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context "
            "length is 8192 tokens "
            "and your request has 1500 input tokens (8192 > 8192 - 1500).",
            8192,
            True,
        ),
        (
            "This model's maximum context length is 262144 tokens. However, you requested 128000 output "
            "tokens and your "
            "prompt contains at least 134145 input tokens, for a total of at least 262145 tokens.",
            262144,
            True,
        ),
        (
            "You passed 9001 input tokens and requested 0 output tokens. However, the model's context "
            "length is only 8192 "
            "tokens, resulting in a maximum input length of 8192 tokens.",
            8192,
            True,
        ),
        ("The decoder prompt (length 17772) is longer than the maximum model length of 16384.", 16384, False),
        (
            "The prompt (total length 25938) is too long to fit into the model (context length 4096). Make sure that "
            "`max_model_len` is no smaller than the number of text tokens plus multimodal tokens.",
            4096,
            False,
        ),
        ("max_tokens must be at least 1, got -186.", None, True),
        (
            "This model's maximum context length is 2048 tokens. However, your prompt contains at least 2049 input "
            "tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input "
            "prompt. (parameter=input_tokens, value=2049)",
            2048,
            False,
        ),
        (
            "The decoder prompt contains a(n) image item with length 16386, which exceeds the "
            "pre-allocated encoder cache "
            "size 8192.",
            None,
            False,
        ),
        # llama.cpp, older and newer
        (
            '{"error":{"code":400,"message":"the request exceeds the available context size. try '
            "increasing the context "
            'size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}',
            8192,
            False,
        ),
        ("the request exceeds the available context size (4096 tokens), try increasing it", 4096, False),
        (
            '{"error":{"code":400,"message":"request (6017 tokens) exceeds the available context size (2048 tokens), '
            'try increasing it","type":"exceed_context_size_error","n_prompt_tokens":6017,"n_ctx":2048}}',
            2048,
            False,
        ),
        # SGLang
        ("The input (61709 tokens) is longer than the model's context length (40960 tokens).", 40960, False),
        ("Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).", None, False),
        (
            "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of "
            "6000 tokens: 5000 tokens from the input messages and 1000 tokens for the completion.",
            4096,
            True,
        ),
        ("Multimodal prompt is too long after expanding multimodal tokens.", None, False),
    ],
)
def test_a_context_that_overflows_is_known_in_all_wordings(said: str, context: int | None, about_answer: bool) -> None:
    fault = fault_from(400, said, {}, SENT)
    assert (fault.kind, fault.context, fault.about_answer) == (Kind.TOO_LONG, context, about_answer)


def test_a_server_that_refuses_the_length_of_the_answer_tells_its_context() -> None:
    said = "max_tokens=8192 cannot be greater than max_model_len=2048. Please request fewer output tokens."
    fault = fault_from(400, said, {}, SENT)
    assert (fault.kind, fault.context) == (Kind.ANSWER_TOO_LONG, 2048)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"error": {"message": "no\\n such  thing"}}', "HTTP 400: no such thing"),
        ('{"detail": "no"}', "HTTP 400: no"),
        ('{"object": "error", "message": "no"}', "HTTP 400: no"),
        ('{"error": "no"}', "HTTP 400: no"),
        ("plain words", "HTTP 400: plain words"),
        ("[1]", "HTTP 400: [1]"),
    ],
)
def test_a_reason_is_one_line(text: str, reason: str) -> None:
    assert fault_from(400, text, {}).reason == reason
    assert len(fault_from(400, text * 200, {}).reason) <= 300


@pytest.mark.parametrize(
    ("asked", "seconds"), [("2", 2), ("0", 0), ("0.5", 0.5), ("-3", 0), ("86400", 60), ("soon", None), (None, None)]
)
def test_how_long_a_server_asks_to_wait(asked: str | None, seconds: float | None) -> None:
    assert wait_asked_for({} if asked is None else {"retry-after": asked}) == seconds


def test_a_server_may_ask_to_wait_until_a_date() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < (wait_asked_for({"retry-after": until}) or 0) <= 30


def test_a_503_that_asks_to_wait_is_busy() -> None:
    assert fault_from(503, "loading", {"retry-after": "5"}) == Fault(
        Kind.BUSY, "HTTP 503: loading", spoke=True, wait_s=5
    )


def caused(exc: Exception, cause: Exception) -> Exception:
    exc.__cause__ = cause
    return exc


REQUEST = httpx.Request("POST", "http://h/v1")


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (lambda: caused(openai.APIConnectionError(request=REQUEST), httpx.ConnectError("refused")), Kind.UNREACHABLE),
        (lambda: caused(openai.APITimeoutError(REQUEST), httpx.ConnectTimeout("")), Kind.UNREACHABLE),
        (lambda: caused(openai.APIConnectionError(request=REQUEST), httpx.ReadError("reset")), Kind.FAILED),
        (lambda: httpx.RemoteProtocolError("peer closed connection"), Kind.FAILED),
        (lambda: ConnectionResetError("reset by peer"), Kind.FAILED),
        (lambda: TimeoutError(), Kind.SLOW),
        (lambda: BrokenAnswerError("the answer broke off"), Kind.FAILED),
        (lambda: SaidError(400, json.dumps({"error": {"message": "maximum context length is 9"}})), Kind.TOO_LONG),
        (lambda: json.JSONDecodeError("Expecting value", "", 0), Kind.FAILED),
    ],
)
def test_what_an_exception_calls_for(exc, kind: Kind) -> None:
    fault = fault_of(exc())
    assert fault is not None
    assert fault.kind is kind
    assert fault.reason


def test_what_is_no_fault_of_the_server_is_none() -> None:
    assert fault_of(RuntimeError("a bug")) is None
    assert fault_of(KeyError("a bug")) is None


def test_pauses_double_up_to_a_limit_and_are_spread_by_chance() -> None:
    assert [backoff_s(n, 1.0) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    assert [backoff_s(n, 0.0) for n in range(1, 4)] == [0.25, 0.5, 1]


def pauses(
    kinds: list[Kind], *, most: int = 3, has_another: bool = False, wait_s: float | None = None
) -> list[float | None]:
    tries = RetryState(most, chance=lambda: 1.0)
    return [tries.pause_s(Fault(kind, "", wait_s=wait_s), Endpoint("a"), has_another) for kind in kinds]


def test_only_what_may_pass_is_tried_again_and_not_for_ever() -> None:
    assert pauses([Kind.FAILED] * 4) == [0.5, 1, 2, None]
    assert pauses([Kind.FAILED], most=0) == [None]
    assert pauses([Kind.BUSY, Kind.FAILED, Kind.BUSY, Kind.FAILED]) == [0.5, 1, 2, None]
    for kind in (Kind.REFUSED, Kind.NO_KEY, Kind.NO_MODEL, Kind.NO_VISION, Kind.TOO_LONG):
        assert pauses([kind]) == [None]


def test_a_page_that_is_too_slow_is_tried_twice_only() -> None:
    assert pauses([Kind.SLOW, Kind.SLOW], most=9) == [0.5, None]
    assert pauses([Kind.SLOW, Kind.FAILED, Kind.SLOW], most=9) == [0.5, 1, None]


def test_there_is_no_pause_where_another_address_is_ready_or_this_one_rests() -> None:
    assert pauses([Kind.FAILED] * 3, has_another=True) == [0, 0, 0]
    assert pauses([Kind.BUSY] * 4, wait_s=2.0) == [0, 0, 0, None]


def test_a_shorter_answer_is_tried_once_at_each_address() -> None:
    tries, first, second = RetryState(3), Endpoint("a"), Endpoint("b")
    fault = Fault(Kind.ANSWER_TOO_LONG, "", context=2048)
    assert [tries.pause_s(fault, address, False) for address in (first, second, first)] == [0, 0, None]


def test_an_address_that_is_not_there_and_a_setting_left_out_cost_no_try() -> None:
    assert pauses([Kind.UNREACHABLE] * 9 + [Kind.UNKNOWN_SETTING] * 3 + [Kind.FAILED]) == [0] * 12 + [0.5]
