"""Logs, health, metrics, stopping: each piece in a FastAPI app of its own."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from helpers import eventually
from seatrial_runtime import address, contract, health, kit, logs, metrics

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Return an app with the whole kit."""
    monkeypatch.setenv("APP", "example")
    monkeypatch.setenv("RELEASE", "0123456789ab")
    made = FastAPI()
    handlers, level = logging.root.handlers[:], logging.root.level
    made.state.window = kit.install(made, {"good": lambda: None, "bad": lambda: 1 / 0})
    logging.root.handlers[:], logging.root.level = handlers, level

    @made.get("/notes/{number}")
    def note(number: int) -> int:
        logging.getLogger("app").info("note %d", number, extra={"number": number})
        if number == 13:
            raise RuntimeError("unlucky")
        return number

    return made


def test_a_line_is_json_with_the_contracts_fields(app: FastAPI, caplog: pytest.LogCaptureFixture):
    """A line has the contract's fields, those of ``extra``, the exception, and the request's id."""
    form = logs.JsonLines()
    with TestClient(app, raise_server_exceptions=False) as client, caplog.at_level("INFO"):
        answer = client.get("/notes/7", headers={contract.REQUEST_ID: "given-id-1234"})
        client.get("/notes/13")
    assert answer.headers[contract.REQUEST_ID] == "given-id-1234"
    (request,) = [r for r in caplog.records if r.name == "requests" and "/7" in r.getMessage()]
    token = logs.request_id.set("given-id-1234")
    row = json.loads(form.format(request))
    logs.request_id.reset(token)
    assert set(row) == set(contract.LOG_FIELDS) - {"environment"} | set(contract.REQUEST_FIELDS)
    assert (row["status"], row["path"], row["app"]) == (200, "/notes/7", "example")
    (failed,) = [r for r in caplog.records if r.name == "requests" and "/13" in r.getMessage()]
    assert (failed.levelname, failed.__dict__["status"]) == ("ERROR", 500)


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({contract.REQUEST_ID: "good-id-123"}, True),
        ({contract.TRACE_ID: "Root=1-67891233-abcdef012345678912345678"}, True),
        ({contract.REQUEST_ID: "x"}, False),
        ({contract.REQUEST_ID: 'a"}\n{"level": "fake"}'}, False),
        ({}, False),
    ],
)
def test_ids_are_taken_only_where_they_are_harmless(headers: dict[str, str], accepted: bool):
    """The caller's id, then the balancer's; one that could forge a line is replaced."""
    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    found = logs.identify(raw)
    assert (found in headers.values()) is accepted
    assert logs.GIVEN_ID.fullmatch(found)


@pytest.mark.G42
def test_health(app: FastAPI):
    """The short answer is always ok; the long one counts, measures, checks, and names endpoints."""
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/health").json() == {"status": "ok"}
        for number in (1, 2, 3, 13):
            client.get(f"/notes/{number}")
        client.get("/nothing")
        found = client.get("/health?detailed=true")
    assert found.status_code == 200
    body = found.json()
    assert body["status"] == "degraded"
    assert body["checks"]["good"]["status"] == "ok"
    assert body["checks"]["bad"] == {"status": "failing", "error": "ZeroDivisionError"}
    assert body["requests"] == {"total": 6, "successful": 4, "refused": 1, "failed": 1,
                                "error_rate_percent": 16.667}  # fmt: skip
    assert body["top_endpoints"][0] == {"endpoint": "GET /notes/{number}", "requests": 4}
    assert body["response_seconds"]["p99"] >= body["response_seconds"]["p95"] > 0
    assert body["system"]["memory_mb"] > 10


def test_a_slow_check_does_not_hold_the_page(monkeypatch: pytest.MonkeyPatch):
    """A check that does not end is failing after its time, and the others are reported."""
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.2)
    ended = threading.Event()
    made = health.Health(metrics.Window(), {"stuck": ended.wait, "good": lambda: None})
    begun = time.monotonic()
    found = made.checked()
    ended.set()
    assert time.monotonic() - begun < 2
    assert found["stuck"]["status"] == "failing"
    assert found["good"]["status"] == "ok"


@pytest.mark.G42
def test_metrics_page(app: FastAPI):
    """Prometheus finds requests by route template and status, and a histogram that adds up."""
    with TestClient(app) as client:
        for number in range(5):
            client.get(f"/notes/{number}")
        text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/notes/{number}",status="200"} 5.0' in text
    assert 'http_request_duration_seconds_bucket{le="+Inf"} 5.0' in text
    assert "http_request_duration_seconds_count 5.0" in text


@pytest.mark.G42
def test_health_checks_of_the_balancer_are_not_counted(app: FastAPI):
    """They are none of the app's traffic; the same request of a person is."""
    with TestClient(app) as client:
        client.get("/notes/1", headers={"user-agent": "ELB-HealthChecker/2.0"})
        client.get("/notes/2")
        text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/notes/{number}",status="200"} 1.0' in text


@given(st.lists(st.floats(0.0, 90.0), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentiles_are_the_upper_end_of_their_step(times: list[float], part: float):
    """A percentile from steps is at least the true one, and at most a quarter above it."""
    window = metrics.Window()
    for seconds in times:
        window.record("GET", "/", 200, seconds)
    found = metrics.percentile(window.all.steps, part)
    true = sorted(times)[max(0, -(-int(part * 1000) * len(times) // 1000) - 1)]
    assert found is not None
    assert true <= found + 1e-9
    assert found <= max(0.001, true * 1.25 + 1e-6)


@given(st.lists(st.integers(0, 20), max_size=40))
def test_minutes_add_up(counts: list[int]):
    """Minutes of many processes, added, are what one process would have counted."""
    minutes = [
        metrics.Minute(n, c, 0, 0, float(c), Counter({3: c}), Counter({"GET /": c}))
        for n, c in enumerate(counts)
    ]
    found = metrics.summarise(minutes)
    assert found.total == sum(counts)
    assert (found.average is None) == (sum(counts) == 0)


@pytest.mark.parametrize(
    ("host", "wanted"),
    [("d1.cloudfront.net", "https://d1.cloudfront.net/x"), ("127.0.0.1", "http://127.0.0.1/x")],
)
def test_links_are_those_of_the_public_address(host: str, wanted: str):
    """Behind CloudFront a link is https; under any other host it is what the request was."""
    app = FastAPI()
    app.add_middleware(address.PublicAddress, url="https://d1.cloudfront.net")

    @app.get("/x")
    def link(request: Request) -> str:
        return str(request.url)

    with TestClient(app, base_url=f"http://{host}") as client:
        assert client.get("/x").json() == wanted


SERVER = """
import asyncio
from fastapi import FastAPI
from seatrial_runtime import kit, serving
app = FastAPI()
kit.install(app)
@app.get("/slow")
async def slow():
    await asyncio.sleep(1.5)
    return "finished"
serving.serve(app)
"""


def test_sigterm_answers_what_was_asked(tmp_path: Path):
    """On SIGTERM a running request is answered, new ones are not taken, and the exit is clean."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "main.py").write_text(SERVER)
    env = os.environ | {"PORT": str(port)}
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([sys.executable, "main.py"], cwd=tmp_path, env=env, stdout=log,
                               stderr=log)  # fmt: skip
    address = f"http://127.0.0.1:{port}"

    def health_() -> int:
        try:
            return httpx.get(f"{address}/health").status_code
        except httpx.HTTPError:
            return 0

    eventually(health_, lambda status: status == 200)
    answers: list[str] = []
    request = threading.Thread(target=lambda: answers.append(httpx.get(f"{address}/slow").json()))
    request.start()
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) in (0, -signal.SIGTERM)
    request.join(5)
    log.close()
    assert answers == ["finished"]
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert any(row["message"] == "GET /slow 200" for row in lines)


def test_pages_of_the_api_load_nothing_from_other_hosts():
    """`/docs` and `/redoc` name files that the app serves itself."""
    app = FastAPI()
    kit.install(app)
    client = TestClient(app)
    for path in ("/docs", "/redoc"):
        text = client.get(path).text
        assert "https://" not in text
        for name in re.findall(r'(?:src|href)="(/[^"]+)"', text):
            assert client.get(name).status_code == 200


def test_the_balancer_s_probes_are_not_the_app_s_traffic():
    """Health checks of the balancer are in no chart; the same path asked by others is."""
    app = FastAPI()
    window = kit.install(app)
    client = TestClient(app)
    client.get("/health", headers={"user-agent": "ELB-HealthChecker/2.0"})
    assert window.summary().total == 0
    client.get("/health")
    assert window.summary().total == 1
