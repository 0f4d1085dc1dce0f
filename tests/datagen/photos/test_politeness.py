"""Turns, pauses and retries, with a clock that the tests hold."""

from __future__ import annotations

import httpx2
import pytest

from datagen.photos.check import Limits, NoPhoto
from datagen.photos.politeness import MOST_PAUSES, SILENT_IN_A_ROW, Host, Job, Line, verdict

LIMITS = Limits(per_host=2, first_wait=1.0, longest_wait=10.0)


def _job(path: str = "http://a/1", tries: int = 1) -> Job:
    job = Job(path, httpx2.URL(path))
    job.tries = tries
    return job


def _queue(line: Line, *urls: str) -> None:
    for url in urls:
        job = _job(url, tries=0)
        host = line.host_of(job)
        host.new.append(job)
        line.enter(host, 0.0)


def test_hosts_take_turns_and_none_has_more_than_its_share() -> None:
    line = Line(LIMITS)
    _queue(
        line, "http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://c/1", "http://c/2", "http://c/3"
    )
    taken = []
    while turn := line.take(0.0):
        taken.append(turn[1].url)
    assert taken == ["http://a/1", "http://b/1", "http://c/1", "http://a/2", "http://c/2"]


def test_ports_and_schemes_are_one_host() -> None:
    line = Line(LIMITS)
    assert (
        line.host_of(_job("http://a:8080/"))
        is line.host_of(_job("https://a/"))
        is not line.host_of(_job("http://b/"))
    )


def test_a_host_with_too_many_requests_gets_half_and_regains_it() -> None:
    host = Host(Limits(per_host=8))
    host.had_too_many(_job(), began=0.0, now=1.0, wait=5.0)
    host.had_too_many(_job(), began=0.5, now=1.5, wait=5.0)
    assert (host.allowed, host.opens) == (4.0, 6.5)
    host.new.append(_job())
    assert not host.may_start(6.0)
    assert host.may_start(6.5)
    for _ in range(100):
        host.answered()
    assert host.allowed == 8.0


def test_a_picture_that_is_refused_again_says_nothing_of_its_host() -> None:
    host = Host(LIMITS)
    host.had_too_many(_job(tries=2), began=0.0, now=1.0, wait=5.0)
    for _ in range(100):
        host.was_silent(_job(tries=2), began=0.0, now=1.0)
    assert (host.allowed, host.opens, host.pauses) == (2.0, 0.0, 0)


def test_a_silent_host_is_given_up_after_growing_pauses() -> None:
    host, now, opened = Host(LIMITS), 0.0, []
    for _ in range(SILENT_IN_A_ROW - 1):
        host.was_silent(_job(), began=now, now=now)
    assert not host.pauses
    while not host.given_up:
        host.was_silent(_job(), began=now, now=now)
        host.was_silent(_job(), began=now - 0.1, now=now)  # under way together with the first
        opened.append(host.opens - now)
        now = host.opens
    assert opened == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert len(opened) == MOST_PAUSES + 1


def test_a_silent_host_is_tried_with_one_new_picture_at_a_time() -> None:
    host = Host(LIMITS)
    for _ in range(SILENT_IN_A_ROW):
        host.was_silent(_job(), began=0.0, now=0.0)
    new, again = _job("http://a/new", tries=0), _job("http://a/again")
    host.new.append(new)
    host.again.append(again)
    assert host.may_start(host.opens)
    assert host.next_job() is new
    host.active = 1
    assert not host.may_start(host.opens)
    host.answered()
    assert host.may_start(host.opens)


def test_a_host_that_answers_gets_its_retries_first() -> None:
    host, new, again = Host(LIMITS), _job("http://a/new", tries=0), _job("http://a/again")
    host.new.append(new)
    host.again.append(again)
    assert [host.next_job(), host.next_job()] == [again, new]


@pytest.mark.parametrize(
    ("tries", "failure", "expected"),
    [
        (1, NoPhoto("HTTP 404"), "HTTP 404"),
        (1, NoPhoto("HTTP 503", again=True), 1.0),
        (2, NoPhoto("HTTP 503", again=True), 2.0),
        (3, NoPhoto("HTTP 503", again=True), 4.0),
        (4, NoPhoto("HTTP 503", again=True), "HTTP 503 after 4 attempts"),
        (1, NoPhoto("no answer within 20 s", again=True, slow=True), 1.0),
        (
            2,
            NoPhoto("no answer within 20 s", again=True, slow=True),
            "no answer within 20 s after 2 attempts",
        ),
        (1, NoPhoto("HTTP 429", again=True, wait=7.0), 7.0),
        (3, NoPhoto("HTTP 429", again=True, wait=0.0), 4.0),
        (1, NoPhoto("HTTP 429", again=True, wait=11.0), "HTTP 429, to wait longer than 10 s"),
    ],
)
def test_what_may_pass_is_tried_again_with_growing_waits(
    tries: int, failure: NoPhoto, expected: object
) -> None:
    said = verdict(_job(tries=tries), failure, LIMITS, jitter=0.5)
    assert (said.reason if isinstance(said, NoPhoto) else said) == expected


def test_jitter_spreads_waits_but_not_those_that_the_host_asks_for() -> None:
    for jitter in (0.0, 0.3, 1.0):
        assert verdict(_job(), NoPhoto("x", again=True), LIMITS, jitter) == 0.5 + jitter
        assert verdict(_job(), NoPhoto("x", again=True, wait=3.0), LIMITS, jitter) == 3.0


def test_a_huge_number_of_attempts_overflows_nothing() -> None:
    assert verdict(_job(tries=10**6), NoPhoto("x", again=True), Limits(attempts=10**9), 0.5) == 120.0
