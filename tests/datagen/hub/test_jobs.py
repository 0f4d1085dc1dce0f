"""Jobs on the Hub: what is sent, what is followed, and what each refusal says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub import constants as client_constants
from support.hub_server import Hub

from datagen.hub import jobs
from datagen.hub.jobs import COMMAND, JobRequest
from datagen.schemas import InputError


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with (
        pytest.MonkeyPatch.context() as patch,
        Hub(tmp_path_factory.mktemp("jobs") / "hub", xet=False) as hub,
    ):
        patch.setattr(client_constants, "HF_HUB_DISABLE_XET", True)
        yield hub


@pytest.fixture
def api(hub: Hub) -> Iterator[HfApi]:
    yield HfApi(endpoint=hub.url, token=hub.token("alice"))
    hub.faults.clear()


def request(code: str, **options: object) -> JobRequest:
    return JobRequest(("python", "-u", "-c", code), "cpu-basic", 60, **options)  # type: ignore[arg-type]


def test_a_job_is_submitted_followed_and_listed_by_what_was_typed(hub: Hub, api: HfApi) -> None:
    asked = request(
        "import os; print('made'); print(len(os.environ['HF_TOKEN']))",
        environment={COMMAND: "datagen make --rows 3"},
        secrets={"HF_TOKEN": "hf_secret"},
        labels={"datagen": "make"},
    )
    assert "hf_secret" not in repr(asked)
    job = jobs.submit(api, "alice", asked)
    assert not job.ended
    assert list(jobs.log_lines(api, "alice", job.id)) == ["made", "9"]
    ended = jobs.inspect(api, "alice", job.id)
    assert (ended.stage, ended.command, ended.flavour) == ("COMPLETED", "datagen make --rows 3", "cpu-basic")
    assert ended.ended
    assert [each.id for each in jobs.list_jobs(api, "alice", labels={"datagen": "make"})] == [job.id]
    assert jobs.list_jobs(api, "alice", labels={"datagen": "train"}) == []
    assert job.id not in [each.id for each in jobs.list_jobs(api, "alice", stages=jobs.GOING_ON)]
    spec = hub.jobs.by_id[job.id].spec
    assert "hf_secret" not in str({**spec, "secrets": ""})
    assert spec["timeoutSeconds"] == 60


def test_no_line_of_a_log_is_lost_where_the_connection_breaks(hub: Hub, api: HfApi) -> None:
    hub.faults.add("job_logs", cut=1)
    job = jobs.submit(api, "alice", request("for number in range(5): print(number)"))
    assert list(jobs.log_lines(api, "alice", job.id)) == list("01234")


def test_a_cancelled_job_ends(api: HfApi) -> None:
    job = jobs.submit(api, "alice", request("import time; print('up'); time.sleep(60)"))
    lines = jobs.log_lines(api, "alice", job.id)
    assert next(lines) == "up"
    jobs.cancel(api, "alice", job.id)
    assert list(lines) == []
    assert jobs.inspect(api, "alice", job.id).stage == "CANCELED"


def test_flavours_have_a_price_per_hour(api: HfApi) -> None:
    known = jobs.flavours(api)
    l4 = jobs.flavour_named("l4x1", known)
    assert (l4.gpu, l4.cores) == ("1 x L4, 24 GB", 8)
    assert l4.dollars_per_hour == pytest.approx(0.8, rel=1e-3)


def test_an_unknown_flavour_is_refused_with_the_nearest(api: HfApi) -> None:
    with pytest.raises(InputError, match=r"--flavor l4x does not exist; .*l4x1"):
        jobs.flavour_named("l4x", jobs.flavours(api))


@pytest.mark.parametrize(
    ("status", "said"), [(402, "402: Pay first"), (403, "403: Pay first"), (401, "token")]
)
def test_an_account_without_the_right_to_run_jobs_is_told_so(
    hub: Hub, api: HfApi, status: int, said: str
) -> None:
    hub.faults.add("jobs_submit", status=status, message="Pay first")
    with pytest.raises(InputError) as refused:
        jobs.submit(api, "alice", request(""))
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("job", ["0123456789abcdef", "../whoami", "a b", ""])
def test_an_unknown_job_is_refused(api: HfApi, job: str) -> None:
    for call in (jobs.inspect, jobs.cancel, lambda *words: list(jobs.log_lines(*words))):
        with pytest.raises(InputError, match="datagen jobs"):
            call(api, "alice", job)


def test_a_submission_that_fails_is_not_sent_twice(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    before = len(hub.jobs.by_id)
    hub.faults.add("jobs_submit", status=500, when="after")
    with pytest.raises(RuntimeError, match="500"):
        jobs.submit(api, "alice", request(f"open({str(tmp_path / 'ran')!r}, 'w')"))
    assert len(hub.jobs.by_id) == before + 1
