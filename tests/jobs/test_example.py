"""examples/make_and_push.py runs from nothing but its address."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import HfApi
from support.hub_server import Hub

EXAMPLE = Path(__file__).parents[2] / "examples" / "make_and_push.py"


@pytest.mark.filterwarnings("ignore:'HfApi.run_uv_job' is experimental")
def test_the_example_makes_and_pushes_from_its_address(hub: Hub) -> None:
    hub.seed("alice/scripts", {EXAMPLE.name: EXAMPLE.read_bytes()})
    api = HfApi(endpoint=hub.url, token=hub.token("alice"))
    job = api.run_uv_job(
        f"{hub.url}/datasets/alice/scripts/resolve/main/{EXAMPLE.name}",
        script_args=["alice/example", "--rows", "20", "--no-images"],
        secrets={"HF_TOKEN": hub.token("alice")},
    )
    said = list(api.fetch_job_logs(job_id=job.id, follow=True))
    assert said[-1] == f"Pushed 20 rows to {hub.url}/datasets/alice/example"
    assert hub.repo("alice/example").private
    assert "manifest.json" in hub.files("alice/example")
