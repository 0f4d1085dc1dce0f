"""Jobs of the loopback Hub, through the official client: they run, log, time out and can be cancelled."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError
from support.hub_server import Hub
from support.sets import wait_for

IMAGE = "python:3.12"


def submit(api: HfApi, code: str, **options: object) -> str:
    return str(api.run_job(image=IMAGE, command=["python", "-u", "-c", code], **options).id)  # type: ignore[arg-type]


def log(api: HfApi, job: str) -> list[str]:
    return list(api.fetch_job_logs(job_id=job, follow=True))


def test_a_job_runs_and_its_log_is_streamed(api: HfApi) -> None:
    job = submit(
        api,
        "import os; print('one'); print(os.environ['A'], len(os.environ['TOKEN']))",
        env={"A": "2"},
        secrets={"TOKEN": "xyz"},
    )
    assert log(api, job) == ["one", "2 3"]
    ended = api.wait_for_job(job)
    assert ended.status.stage == "COMPLETED"
    assert ended.secrets == {"TOKEN": ""}
    assert ended.flavor == "cpu-basic"
    assert [each.id for each in api.list_jobs(namespace="alice")] == [job]
    assert list(api.list_jobs(namespace="alice", status="RUNNING")) == []


def test_a_job_talks_to_the_same_hub(hub: Hub, api: HfApi) -> None:
    job = submit(
        api,
        "from huggingface_hub import HfApi; print(HfApi().whoami()['name'])",
        secrets={"HF_TOKEN": hub.token("alice")},
    )
    assert log(api, job) == ["alice"]


def test_a_job_that_fails_says_its_exit_code(api: HfApi) -> None:
    job = submit(api, "print('oh'); raise SystemExit(3)")
    assert log(api, job) == ["oh"]
    status = api.wait_for_job(job).status
    assert (status.stage, status.message) == ("ERROR", "Job failed with exit code: 3")


def test_a_job_is_killed_at_its_timeout_with_all_its_processes(api: HfApi) -> None:
    began = time.monotonic()
    job = submit(api, "import subprocess; subprocess.run(['sleep', '60'])", timeout=1)
    assert log(api, job) == []
    assert api.wait_for_job(job).status.message == "Job timeout"
    assert time.monotonic() - began < 20


def test_a_job_is_cancelled(hub: Hub, api: HfApi) -> None:
    job = submit(api, "import time; print('up'); time.sleep(60)")
    wait_for(lambda: len(hub.jobs.by_id[job].events) > 1)
    api.cancel_job(job_id=job)
    assert log(api, job) == ["up"]
    assert api.wait_for_job(job).status.stage == "CANCELED"


def test_flavours_have_prices(api: HfApi) -> None:
    flavours = {each.name: each for each in api.list_jobs_hardware()}
    assert flavours["cpu-basic"].accelerator is None
    assert flavours["l4x1"].accelerator is not None
    assert all(each.unit_cost_usd > 0 and each.unit_label == "minute" for each in flavours.values())


@pytest.mark.parametrize(("role", "namespace", "status"), [("read", "alice", 403), ("write", "bob", 403)])
def test_who_may_not_run_jobs_is_refused(hub: Hub, role: str, namespace: str, status: int) -> None:
    stranger = HfApi(endpoint=hub.url, token=hub.token("alice", role))  # type: ignore[arg-type]
    with pytest.raises(HfHubHTTPError) as refused:
        submit(stranger, "", namespace=namespace)
    assert refused.value.response.status_code == status


@pytest.mark.filterwarnings("ignore:'HfApi.run_uv_job' is experimental")
def test_uv_runs_scripts_from_their_address_and_checks_what_they_require(
    hub: Hub, api: HfApi, tmp_path: Path
) -> None:
    good = b'# /// script\n# dependencies = ["click>=8"]\n# ///\nimport sys; print(sys.argv[1:])\n'
    hub.seed("alice/scripts", {"good.py": good, "bad.py": good.replace(b"click", b"no-such-package")})
    address = f"{hub.url}/datasets/alice/scripts/resolve/main"
    job = api.run_uv_job(f"{address}/good.py", script_args=["a", "b c"])
    assert log(api, job.id) == ["['a', 'b c']"]
    job = api.run_uv_job(f"{address}/bad.py")
    assert "no-such-package" in log(api, job.id)[0]
    assert api.wait_for_job(job.id).status.stage == "ERROR"
