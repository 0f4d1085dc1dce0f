"""Jobs: a command really runs, in a process of its own, with the flavours' names and no container.

`uv` on the job's PATH is uv.py: what is installed here stands in for what would be installed there. The
prices are this server's, not the Hub's.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .calls import Call
from .replies import Refusal, Reply
from .routes import route
from .store import now

if TYPE_CHECKING:
    from . import Hub

ENDED = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
SECONDS_BETWEEN_KEEP_ALIVES = 5.0
DEFAULT_TIMEOUT = 30 * 60


def _hardware(name: str, cpu: str, ram: str, micro_dollars: int, gpu: str = "", memory: str = "") -> Any:
    accelerator = {
        "type": "gpu",
        "model": gpu,
        "quantity": "1",
        "vram": memory,
        "manufacturer": "Nvidia",
    }
    return {
        "name": name,
        "prettyName": name.upper(),
        "cpu": cpu,
        "ram": ram,
        "ephemeralStorage": "50 GB",
        "accelerator": accelerator if gpu else None,
        "unitCostMicroUSD": micro_dollars,
        "unitCostUSD": micro_dollars / 1e6,
        "unitLabel": "minute",
    }


HARDWARE = [
    _hardware("cpu-basic", "2 vCPU", "16 GB", 167),
    _hardware("cpu-upgrade", "8 vCPU", "32 GB", 500),
    _hardware("t4-small", "4 vCPU", "15 GB", 6667, "T4", "16 GB"),
    _hardware("l4x1", "8 vCPU", "30 GB", 13333, "L4", "24 GB"),
    _hardware("h200", "23 vCPU", "256 GB", 83333, "H200", "141 GB"),
]


@dataclass
class Job:
    """One job. `events` is its log; `changed` is notified of every line, and of its end."""

    id: str
    namespace: str
    spec: dict[str, Any]
    folder: Path
    created: str = field(default_factory=now)
    started: str | None = None
    finished: str | None = None
    began: float = 0.0
    ended: float = 0.0
    stage: str = "SCHEDULING"
    message: str | None = None
    events: list[dict[str, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    process: subprocess.Popen[str] | None = None
    thread: threading.Thread | None = None

    def say(self, line: str) -> None:
        """Add a line to the log."""
        with self.changed:
            self.events.append({"data": line, "timestamp": now()})
            self.changed.notify_all()

    def info(self) -> dict[str, Any]:
        """Return the job as the API describes it: of secrets only the names."""
        seconds = int((self.ended or time.monotonic()) - self.began) if self.began else None
        return {
            "id": self.id,
            "createdAt": self.created,
            "startedAt": self.started,
            "finishedAt": self.finished,
            "dockerImage": self.spec.get("dockerImage"),
            "command": self.spec["command"],
            "arguments": self.spec.get("arguments", []),
            "environment": self.spec.get("environment", {}),
            "secrets": dict.fromkeys(self.spec.get("secrets", {}), ""),
            "flavor": self.spec["flavor"],
            "labels": self.spec.get("labels", {}),
            "status": {"stage": self.stage, "message": self.message},
            "durations": {"schedulingSecs": 0, "runningSecs": seconds, "totalSecs": seconds or 0},
            "owner": {"id": f"user-{self.namespace}", "name": self.namespace, "type": "user"},
            "initiator": {"type": "user", "id": f"user-{self.namespace}", "name": self.namespace},
        }


class Jobs:
    """The jobs of a Hub. `grace`: seconds from SIGTERM to SIGKILL when a job is cancelled."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self._hub, self._folder = hub, folder
        self.by_id: dict[str, Job] = {}
        self.grace = 5.0

    def submit(self, namespace: str, spec: dict[str, Any]) -> Job:
        """Start a job in a thread, and return it."""
        job = Job(secrets.token_hex(12), namespace, spec, self._folder / secrets.token_hex(4))
        self.by_id[job.id] = job
        job.thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        job.thread.start()
        return job

    def cancel(self, job: Job) -> None:
        """End a job: SIGTERM, and SIGKILL once its grace is over."""
        if job.stage in ENDED:
            return
        job.message = "Canceled"
        _signal(job, signal.SIGTERM)
        threading.Timer(self.grace, _signal, (job, signal.SIGKILL)).start()

    def close(self) -> None:
        """Kill every job that is running, and wait for it."""
        for job in self.by_id.values():
            _signal(job, signal.SIGKILL)
            if job.thread is not None:
                job.thread.join()

    def _run(self, job: Job) -> None:
        job.folder.mkdir(parents=True)
        timeout = float(job.spec.get("timeoutSeconds") or DEFAULT_TIMEOUT)
        command = [*job.spec["command"], *job.spec.get("arguments", [])]
        job.started, job.began = now(), time.monotonic()
        job.say(f"===== Job started at {job.started} =====")
        try:
            job.process = subprocess.Popen(
                command,
                cwd=job.folder,
                env=self._environment(job),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            self._end(job, "ERROR", f"Job failed to start: {error.strerror}")
            return
        job.stage = "RUNNING"
        out_of_time = threading.Event()
        timer = threading.Timer(timeout, lambda: (out_of_time.set(), _signal(job, signal.SIGKILL)))
        timer.daemon = True
        timer.start()
        with job.process as process:
            for line in process.stdout or ():
                job.say(line.rstrip("\n"))
            code = process.wait()
        timer.cancel()
        if job.message == "Canceled":
            self._end(job, "CANCELED", None)
        elif out_of_time.is_set():
            self._end(job, "ERROR", "Job timeout")
        elif code:
            self._end(job, "ERROR", f"Job failed with exit code: {code if code > 0 else 128 - code}")
        else:
            self._end(job, "COMPLETED", None)

    def _end(self, job: Job, stage: str, message: str | None) -> None:
        with job.changed:
            job.ended, job.finished = time.monotonic(), now()
            job.stage, job.message = stage, message
            job.changed.notify_all()

    def _environment(self, job: Job) -> dict[str, str]:
        """What a container would have: nothing of this process but the way to its Python."""
        programs = self._folder / "bin"
        programs.mkdir(exist_ok=True)
        uv = programs / "uv"
        if not uv.exists():
            draft = programs / f"uv.{job.id}"
            interpreter, script = (
                shlex.quote(sys.executable),
                shlex.quote(str(Path(__file__).with_name("uv.py"))),
            )
            draft.write_text(f'#!/bin/sh\nexec {interpreter} {script} "$@"\n')
            draft.chmod(0o755)
            draft.replace(uv)
        client = self._hub.environment(None, home=job.folder / "home")
        return {
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "HOME": str(job.folder / "home"),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            **{name: value for name, value in client.items() if name != "HF_TOKEN"},
            "JOB_ID": job.id,
            **{name: str(value) for name, value in job.spec.get("environment", {}).items()},
            **{name: str(value) for name, value in job.spec.get("secrets", {}).items()},
        }


def _signal(job: Job, number: signal.Signals) -> None:
    """Send a signal to a job's processes, if there are any left."""
    if job.process is not None and job.stage not in ENDED:
        try:
            os.killpg(job.process.pid, number)
        except ProcessLookupError:
            return


@route("jobs_hardware", "GET /api/jobs/hardware")
def hardware(call: Call) -> Reply:
    """List the flavours, with their prices."""
    return Reply(200, HARDWARE)


@route("jobs_submit", "POST /api/jobs/{namespace}")
def submit(call: Call, namespace: str) -> Reply:
    """Run a job."""
    user = call.user("write")
    if not call.hub.accounts.writes_for(user, namespace):
        raise Refusal(403, f"You are not allowed to run jobs as {namespace}")
    spec = call.json()
    command = spec.get("command")
    if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
        raise Refusal(400, '"command" must be a list of strings')
    if not (spec.get("dockerImage") or spec.get("spaceId")):
        raise Refusal(400, 'either "dockerImage" or "spaceId" is required')
    if spec.get("flavor") not in {each["name"] for each in HARDWARE}:
        raise Refusal(400, f'"flavor" {spec.get("flavor")!r} does not exist')
    return Reply(200, call.hub.jobs.submit(namespace, spec).info())


@route("jobs_list", "GET /api/jobs/{namespace}")
def list_jobs(call: Call, namespace: str) -> Reply:
    """List the jobs of an account, newest first, by stage or label where asked to."""
    _check(call, namespace)
    stages, labels = call.query.get("stage", []), call.query.get("label", [])
    found = [
        job.info()
        for job in reversed(list(call.hub.jobs.by_id.values()))
        if job.namespace == namespace
        and (not stages or job.stage in stages)
        and set(labels) <= {f"{name}={value}" for name, value in job.spec.get("labels", {}).items()}
    ]
    return Reply(200, found)


@route("job", "GET /api/jobs/{namespace}/{job}")
def inspect(call: Call, namespace: str, job: str) -> Reply:
    """Describe a job."""
    return Reply(200, _job(call, namespace, job).info())


@route("job_cancel", "POST /api/jobs/{namespace}/{job}/cancel")
def cancel(call: Call, namespace: str, job: str) -> Reply:
    """Cancel a job."""
    call.user("write")
    found = _job(call, namespace, job)
    call.hub.jobs.cancel(found)
    return Reply(200, found.info())


@route("job_logs", "GET /api/jobs/{namespace}/{job}/logs")
def logs(call: Call, namespace: str, job: str) -> Reply:
    """Stream a job's log as server-sent events, from its first line to its end."""
    found = _job(call, namespace, job)
    tail = call.query.get("tail", [""])[0]
    first = max(0, len(found.events) - int(tail)) if tail.isdigit() else 0
    return Reply(200, headers={"Content-Type": "text/event-stream"}, stream=_events(found, first))


def _events(job: Job, first: int) -> Iterator[bytes]:
    while True:
        with job.changed:
            if first == len(job.events) and job.stage not in ENDED:
                job.changed.wait(SECONDS_BETWEEN_KEEP_ALIVES)
            lines, ended = job.events[first:], job.stage in ENDED
        first += len(lines)
        for event in lines:
            yield f"data: {json.dumps(event)}\n\n".encode()
        if ended and first == len(job.events):
            return
        if not lines:
            yield b": keep-alive\n\n"


def _check(call: Call, namespace: str) -> None:
    if not call.hub.accounts.reads_for(call.user(), namespace):
        raise Refusal(403, f"You are not allowed to see the jobs of {namespace}")


def _job(call: Call, namespace: str, job: str) -> Job:
    _check(call, namespace)
    found = call.hub.jobs.by_id.get(job)
    if found is None or found.namespace != namespace:
        raise Refusal(404, "Job not found")
    return found
