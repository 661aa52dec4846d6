"""The model registry through the rehearsal's balancer, and the bare program, turn by turn.

Requests per second and the 99th percentile of sixteen clients, for three operations; the ratio is
the median over the pairs.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from bare import PASSWORD, bare  # noqa: E402

SEATRIAL = [str(Path(sys.executable).with_name("seatrial"))]
CLIENTS, SECONDS, PAIRS = 16, 4.0, 5
ARTIFACTS = 50
Call = Callable[[httpx.Client], int]


def prepare(address: str) -> tuple[str, str]:
    """Fill an empty registry; return a token and a model's id."""
    with httpx.Client(base_url=address, timeout=60) as client:
        body = {"username": "ece30861defaultadminuser", "password": PASSWORD}
        token = str(client.post("/authenticate", json=body).json()["token"])
        client.headers["X-Authorization"] = token
        client.delete("/reset")
        for number in range(ARTIFACTS):
            url = client.post(f"/upload?filename=m{number}.bin", content=b"x").json()["url"]
            made = client.post("/artifact/model", json={"url": url}).json()
    return token, str(made["metadata"]["id"])


def calls(id_: str) -> dict[str, Call]:
    """Return what is measured: no database, a read, a read with scores and an audit row."""
    every = [{"name": "*"}]
    return {
        "GET /health": lambda client: client.get("/health").status_code,
        "POST /artifacts": lambda client: client.post("/artifacts", json=every).status_code,
        "GET /artifact/model/.../rate": lambda client: (
            client.get(f"/artifact/model/{id_}/rate").status_code
        ),
    }


def load(address: str, token: str, call: Call) -> tuple[float, float]:
    """Return requests per second and the 99th percentile in milliseconds."""
    times: list[float] = []
    end = time.monotonic() + SECONDS

    def loop() -> None:
        with httpx.Client(base_url=address, headers={"X-Authorization": token}) as client:
            while time.monotonic() < end:
                begin = time.perf_counter()
                status = call(client)
                times.append(time.perf_counter() - begin)
                if status != 200:
                    raise SystemExit(f"{address} answered {status}")

    threads = [threading.Thread(target=loop) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / SECONDS, sorted(times)[int(0.99 * len(times))] * 1000


def main() -> None:
    """Measure and print a table."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {CLIENTS} clients")
    with tempfile.TemporaryDirectory() as name, bare(Path(name), TOKEN_CALLS="10000000") as alone:
        app = Path(name) / "app"
        ignored = shutil.ignore_patterns("golden", ".seatrial")
        shutil.copytree(ROOT / "examples" / "model-registry", app, ignore=ignored)
        file = app / "seatrial.yml"
        file.write_text(file.read_text().replace("{LOG_LEVEL: info}", '{TOKEN_CALLS: "10000000"}'))
        done = subprocess.run(
            [*SEATRIAL, "up", "--detach", "--json"],
            cwd=app, check=True, capture_output=True, text=True,
            env=os.environ | {"ADMIN_PASSWORD": PASSWORD},
        )  # fmt: skip
        try:
            compare(str(json.loads(done.stdout)["address"]), alone.address)
        finally:
            subprocess.run([*SEATRIAL, "down"], cwd=app, check=True, capture_output=True)


def compare(rehearsed: str, alone: str) -> None:
    """Measure both in turn."""
    (token, id_), (own_token, own_id) = prepare(rehearsed), prepare(alone)
    for name, call in calls(id_).items():
        own_call = calls(own_id)[name]
        through, direct = [], []
        for _ in range(PAIRS):
            through.append(load(rehearsed, token, call))
            direct.append(load(alone, own_token, own_call))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(through, direct, strict=True))
        one, other = (
            tuple(statistics.median(row[n] for row in rows) for n in (0, 1))
            for rows in (through, direct)
        )
        print(
            f"{name:<30} balancer {one[0]:5.0f}/s p99 {one[1]:6.1f} ms   "
            f"bare {other[0]:5.0f}/s p99 {other[1]:6.1f} ms   ratio {ratio:4.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
