from __future__ import annotations

from itertools import pairwise

import pytest

from langchain_hunyuanocr.engines.server import ServerEngine
from langchain_hunyuanocr.engines.server.load_balancer import Endpoint, LoadBalancer, addresses_from
from langchain_hunyuanocr.errors import EngineError


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def addresses(clock: Clock, *names: str, most_each: int = 2, outage_s: float = 10.0) -> LoadBalancer:
    # Chance at its greatest: rests are 0.5 s, 1 s, 2 s ... in full.
    return LoadBalancer(names, most_each=most_each, outage_s=outage_s, clock=clock, chance=lambda: 1.0)


def take(servers: LoadBalancer, *tried: Endpoint) -> Endpoint:
    return take_since(servers, -1.0, *tried)


def take_since(servers: LoadBalancer, since: float, *tried: Endpoint) -> Endpoint:
    chosen = servers.choose(tried, since)
    assert isinstance(chosen, Endpoint)
    chosen.under_way += 1
    chosen.probed = chosen.dead
    return chosen


def test_the_least_loaded_is_asked_and_the_first_of_equals(clock: Clock) -> None:
    servers = addresses(clock, "a", "b", "c")
    assert "".join(take(servers).url for _ in range(6)) == "abcabc"
    assert servers.choose() is None
    servers.give_back(servers.all[1])
    assert take(servers).url == "b"


def test_a_retry_goes_where_it_has_not_failed(clock: Clock) -> None:
    servers = addresses(clock, "a", "b", "c", most_each=1)
    a, b, c = servers.all
    assert servers.choose([a]) is b
    assert servers.choose([a, b]) is c
    # Everywhere it failed already: not where it did last.
    assert servers.choose([a, b, c]) is a
    b.under_way = c.under_way = 1
    assert servers.choose([a]) is None, "it waits for another address"
    assert addresses(clock, "a").choose([a]) is not None


def test_a_dead_address_is_put_aside_and_one_request_finds_out_whether_it_is_back(clock: Clock) -> None:
    servers = addresses(clock, "a", "b", most_each=5)
    a, b = servers.all
    take(servers)
    servers.unreachable(a, "refused")
    servers.give_back(a)
    assert [take(servers) for _ in range(3)] == [b] * 3
    clock.now += 0.5
    assert take(servers) is a, "the probe"
    assert take(servers) is b, "the others do not wait for it"
    servers.answered(a)
    servers.give_back(a)
    assert take(servers) is a


def test_an_address_that_stays_dead_rests_longer_each_time(clock: Clock) -> None:
    servers = addresses(clock, "a", outage_s=1000)
    servers.answered(servers.all[0])
    rests = []
    for _ in range(9):
        a = take(servers)
        servers.unreachable(a, "refused")
        servers.give_back(a)
        wait = servers.choose()
        assert isinstance(wait, float)
        rests.append(wait)
        clock.now += wait
    assert rests == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_many_requests_that_fail_at_once_are_one_failure(clock: Clock) -> None:
    servers = addresses(clock, "a", most_each=5)
    for asked in [take(servers) for _ in range(4)]:
        servers.unreachable(asked, "refused")
    assert servers.choose() == 0.5


def test_an_outage_ends_in_an_error_that_names_all(clock: Clock) -> None:
    servers = addresses(clock, "http://a/v1", "http://b/v1")
    servers.answered(servers.all[0])
    begun = clock.now

    def go_on() -> None:
        while clock.now < begun + 60:
            chosen = servers.choose()
            if isinstance(chosen, Endpoint):
                chosen = take(servers)
                servers.unreachable(chosen, "refused" if chosen is servers.all[0] else "no route")
                servers.give_back(chosen)
            else:
                assert chosen is not None
                clock.now += chosen

    said = "none of the 2 servers is there: http://a/v1: refused; http://b/v1: no route \\(start one with "
    with pytest.raises(EngineError, match=said):
        go_on()
    assert 10 <= clock.now - begun < 11
    # Whoever comes after that has one more look at each, for all who come with it.
    since = clock.now + 0.1
    clock.now += 0.2
    looked = [take_since(servers, since), take_since(servers, since)]
    assert {each.url for each in looked} == {"http://a/v1", "http://b/v1"}
    assert not isinstance(servers.choose((), since), Endpoint), "the others wait for what they find"
    for each in looked:
        servers.unreachable(each, "refused")
        servers.give_back(each)
    with pytest.raises(EngineError):
        servers.choose((), since)


def test_servers_that_never_answered_get_two_seconds(clock: Clock) -> None:
    servers = addresses(clock, "a", outage_s=600)
    a = take(servers)
    servers.unreachable(a, "refused")
    servers.give_back(a)
    clock.now += 2
    # Due for a probe, which is allowed once more.
    a = take(servers)
    servers.unreachable(a, "refused")
    servers.give_back(a)
    with pytest.raises(EngineError, match="a: the server is not there: refused"):
        servers.choose()


def test_while_one_finds_out_the_others_wait_for_what_it_finds(clock: Clock) -> None:
    servers = addresses(clock, "a", outage_s=0.1)
    a = take(servers)
    servers.unreachable(a, "refused")
    servers.give_back(a)
    clock.now += 5
    take(servers)
    assert servers.choose() is None


def test_an_address_that_asks_for_patience_is_left_alone(clock: Clock) -> None:
    servers = addresses(clock, "a", "b")
    a, b = servers.all
    servers.rest(a, 3)
    assert take(servers) is b
    servers.rest(b, 2)
    assert servers.choose() == 2
    clock.now += 3
    assert servers.choose() is a


def test_an_address_that_goes_on_failing_rests_while_another_is_there(clock: Clock) -> None:
    servers = addresses(clock, "a", "b")
    a, b = servers.all
    for _ in range(2):
        servers.failed(a, "500", spoke=True)
    assert servers.choose() is a
    servers.failed(a, "500", spoke=True)
    assert servers.choose() is b
    # The last one standing is never put aside for failing: it may be one page that fails.
    for _ in range(9):
        servers.failed(b, "500", spoke=True)
    assert servers.choose() is b


def test_a_connection_that_breaks_late_does_not_bring_the_dead_back(clock: Clock) -> None:
    servers = addresses(clock, "a")
    a = servers.all[0]
    servers.unreachable(a, "refused")
    servers.failed(a, "the connection broke", spoke=False)
    assert a.dead
    servers.failed(a, "HTTP 500", spoke=True)
    assert not a.dead


def test_rests_are_spread_by_chance() -> None:
    clock = Clock()
    chances = iter([0.0, 0.25, 0.5, 0.75, 1.0])
    rests = []
    for chance in chances:
        servers = LoadBalancer("a", most_each=1, outage_s=60, clock=clock, chance=lambda chance=chance: chance)
        servers.unreachable(servers.all[0], "refused")
        rests.append(servers.all[0].rests_until - clock.now)
    assert rests[0] == 0.25
    assert all(earlier < later for earlier, later in pairwise(rests))


@pytest.mark.parametrize(
    ("base_url", "urls"),
    [
        ("http://h:8000", ["http://h:8000/v1"]),
        ("http://h:8000/", ["http://h:8000/v1"]),
        ("http://h:8000/v1/", ["http://h:8000/v1"]),
        ("https://h/prefix/v1", ["https://h/prefix/v1"]),
        ("http://a:1, http://b:2/v1 ,http://a:1/", ["http://a:1/v1", "http://b:2/v1"]),
        (["http://a:1", "http://b:2"], ["http://a:1/v1", "http://b:2/v1"]),
    ],
)
def test_addresses_end_in_v1_and_stand_once(base_url: str | list[str], urls: list[str]) -> None:
    engine = ServerEngine(base_url, max_concurrency=3)
    assert engine.addresses == tuple(urls)
    assert engine.base_url == ",".join(urls)
    assert engine.in_flight == 3 * len(urls)


def test_the_environment_names_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://a:1,http://b:2")
    assert addresses_from(None) == ("http://a:1/v1", "http://b:2/v1")
    assert addresses_from("http://c") == ("http://c/v1",)


@pytest.mark.parametrize("base_url", ["", "h:8000", "ftp://h", "/v1", " , ", [], ["http://h", "nowhere"]])
def test_no_address_is_told(base_url: str | list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUNYUANOCR_BASE_URL", raising=False)
    with pytest.raises(EngineError, match="http://host:8000/v1"):
        ServerEngine(base_url)
