"""Two services behind a public balancer: routes, a private call, sticky sessions, a job."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from helpers import eventually, get, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
APP = """
app: two
region: eu-west-1
edge: {kind: balancer, insecure: true}
services:
  api: {build: ./api, command: uvicorn main:app --host 0.0.0.0 --port 8080, port: 8080,
        public: /api, health: /health}
  front: {build: ./front, command: uvicorn main:app --host 0.0.0.0 --port 8000, port: 8000,
          public: {path: /, sticky: true}, health: /health, uses: [api], count: 2}
jobs: {tick: {service: api, command: "python -c 'print(20+1)'", schedule: rate(1 minute)}}
"""
API = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/api/hi")
def hi(): return {"from": "api"}
@app.get("/health")
def health(): return {}
"""
FRONT = """
import os, urllib.request
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
def root():
    with urllib.request.urlopen(os.environ["API_URL"] + "/api/hi") as answer:
        task = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
        return {"called": answer.read().decode(), "task": task}
@app.get("/health")
def health(): return {}
"""


@pytest.mark.G19
@pytest.mark.G18
def test_public_balancer_routes_requests_with_sticky_sessions(tmp_path: Path):
    """Each path reaches its service, one calls the other privately, a browser stays on its task."""
    (tmp_path / "seatrial.yml").write_text(APP)
    for name, code in (("api", API), ("front", FRONT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.py").write_text(code)
        (tmp_path / name / "requirements.txt").write_text("fastapi~=0.115\nuvicorn~=0.34\n")
    done = seatrial("up", "--detach", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    try:
        address = json.loads(done.stdout)["address"]
        assert get(f"{address}/api/hi") == (200, '{"from":"api"}')
        with urllib.request.urlopen(address) as first:
            cookie = first.headers["set-cookie"].split(";")[0]
            task = json.loads(first.read())
        assert "from" in task["called"]
        seen = set()
        for cookies in ({"cookie": cookie}, {"cookie": cookie}, {"cookie": cookie}, {}, {}):
            with urllib.request.urlopen(urllib.request.Request(address, headers=cookies)) as found:
                seen.add((bool(cookies), json.loads(found.read())["task"]))
        assert {t for stays, t in seen if stays} == {task["task"]}
        assert len({t for stays, t in seen if not stays}) == 2
        eventually(
            lambda: seatrial("logs", "tick", folder=tmp_path).stdout, lambda text: "21" in text, 30
        )
    finally:
        seatrial("down", folder=tmp_path)
