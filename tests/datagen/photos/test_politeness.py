"""Turns, pauses and retries, with a clock that the tests hold."""

from __future__ import annotations

import httpx2
import pytest

from datagen.photos.check import Limits, PhotoError
from datagen.photos.politeness import (
    FAILURES_BEFORE_PAUSE,
    MAX_PAUSES,
    Download,
    HostQueue,
    RoundRobin,
    retry_delay,
)

LIMITS = Limits(per_host=2, first_wait=1.0, longest_wait=10.0)


def _job(path: str = "http://a/1", tries: int = 1) -> Download:
    job = Download(path, httpx2.URL(path))
    job.attempts = tries
    return job


def _enqueue(line: RoundRobin, *urls: str) -> None:
    for url in urls:
        job = _job(url, tries=0)
        host = line.queue_of(job)
        host.new.append(job)
        line.enter(host, 0.0)


def test_hosts_take_turns_and_none_has_more_than_its_share() -> None:
    line = RoundRobin(LIMITS)
    _enqueue(
        line, "http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://c/1", "http://c/2", "http://c/3"
    )
    taken = []
    while turn := line.take(0.0):
        taken.append(turn[1].url)
    assert taken == ["http://a/1", "http://b/1", "http://c/1", "http://a/2", "http://c/2"]


def test_ports_and_schemes_are_one_host() -> None:
    line = RoundRobin(LIMITS)
    assert (
        line.queue_of(_job("http://a:8080/"))
        is line.queue_of(_job("https://a/"))
        is not line.queue_of(_job("http://b/"))
    )


def test_a_host_with_too_many_requests_gets_half_and_regains_it() -> None:
    host = HostQueue(Limits(per_host=8))
    host.record_rate_limit(_job(), began=0.0, now=1.0, wait=5.0)
    host.record_rate_limit(_job(), began=0.5, now=1.5, wait=5.0)
    assert (host.allowed, host.blocked_until) == (4.0, 6.5)
    host.new.append(_job())
    assert not host.may_start(6.0)
    assert host.may_start(6.5)
    for _ in range(100):
        host.record_response()
    assert host.allowed == 8.0


def test_a_picture_that_is_refused_again_says_nothing_of_its_host() -> None:
    host = HostQueue(LIMITS)
    host.record_rate_limit(_job(tries=2), began=0.0, now=1.0, wait=5.0)
    for _ in range(100):
        host.record_no_response(_job(tries=2), began=0.0, now=1.0)
    assert (host.allowed, host.blocked_until, host.pauses) == (2.0, 0.0, 0)


def test_a_silent_host_is_given_up_after_growing_pauses() -> None:
    host, now, opened = HostQueue(LIMITS), 0.0, []
    for _ in range(FAILURES_BEFORE_PAUSE - 1):
        host.record_no_response(_job(), began=now, now=now)
    assert not host.pauses
    while not host.unresponsive:
        host.record_no_response(_job(), began=now, now=now)
        host.record_no_response(_job(), began=now - 0.1, now=now)  # under way together with the first
        opened.append(host.blocked_until - now)
        now = host.blocked_until
    assert opened == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert len(opened) == MAX_PAUSES + 1


def test_a_silent_host_is_tried_with_one_new_picture_at_a_time() -> None:
    host = HostQueue(LIMITS)
    for _ in range(FAILURES_BEFORE_PAUSE):
        host.record_no_response(_job(), began=0.0, now=0.0)
    new, again = _job("http://a/new", tries=0), _job("http://a/again")
    host.new.append(new)
    host.retries.append(again)
    assert host.may_start(host.blocked_until)
    assert host.next_download() is new
    host.active = 1
    assert not host.may_start(host.blocked_until)
    host.record_response()
    assert host.may_start(host.blocked_until)


def test_a_host_that_answers_gets_its_retries_first() -> None:
    host, new, again = HostQueue(LIMITS), _job("http://a/new", tries=0), _job("http://a/again")
    host.new.append(new)
    host.retries.append(again)
    assert [host.next_download(), host.next_download()] == [again, new]


@pytest.mark.parametrize(
    ("tries", "failure", "expected"),
    [
        (1, PhotoError("HTTP 404"), "HTTP 404"),
        (1, PhotoError("HTTP 503", retryable=True), 1.0),
        (2, PhotoError("HTTP 503", retryable=True), 2.0),
        (3, PhotoError("HTTP 503", retryable=True), 4.0),
        (4, PhotoError("HTTP 503", retryable=True), "HTTP 503 after 4 attempts"),
        (1, PhotoError("no answer within 20 s", retryable=True, timed_out=True), 1.0),
        (
            2,
            PhotoError("no answer within 20 s", retryable=True, timed_out=True),
            "no answer within 20 s after 2 attempts",
        ),
        (1, PhotoError("HTTP 429", retryable=True, wait=7.0), 7.0),
        (3, PhotoError("HTTP 429", retryable=True, wait=0.0), 4.0),
        (1, PhotoError("HTTP 429", retryable=True, wait=11.0), "HTTP 429, to wait longer than 10 s"),
    ],
)
def test_what_may_pass_is_tried_again_with_growing_waits(
    tries: int, failure: PhotoError, expected: object
) -> None:
    said = retry_delay(_job(tries=tries), failure, LIMITS, jitter=0.5)
    assert (said.reason if isinstance(said, PhotoError) else said) == expected


def test_jitter_spreads_waits_but_not_those_that_the_host_asks_for() -> None:
    for jitter in (0.0, 0.3, 1.0):
        assert retry_delay(_job(), PhotoError("x", retryable=True), LIMITS, jitter) == 0.5 + jitter
        assert retry_delay(_job(), PhotoError("x", retryable=True, wait=3.0), LIMITS, jitter) == 3.0


def test_a_huge_number_of_attempts_overflows_nothing() -> None:
    assert (
        retry_delay(_job(tries=10**6), PhotoError("x", retryable=True), Limits(attempts=10**9), 0.5) == 120.0
    )
