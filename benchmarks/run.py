"""Measure what users wait for; prints a table. Every figure is the median of several runs."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEATRIAL = [str(Path(sys.executable).with_name("seatrial"))]
TWO = """app: shop
region: us-east-1
services:
  web: {build: ./api, command: run, port: 8080, public: /, count: {min: 1, max: 4,
        target: {cpu: 70%}}, uses: [db, files, key, token]}
  worker: {build: ./api, command: work, count: {min: 1, max: 4, target: {cpu: 70%}},
           uses: [db, files]}
databases: {db: {multi_az: true}}
buckets: {files: {versioned: true}}
secrets: {key: {generate: 48}, token: by-hand}
"""
WORKER = "  w{n}: {{build: ./api, command: work, uses: [db, files]}}\n"


def measured(words: list[str], folder: Path, runs: int = 7) -> tuple[float, float]:
    """Return median seconds and peak MiB of a command as a whole process."""
    seconds = []
    for _ in range(runs + 1):
        begin = time.monotonic()
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
        seconds.append(time.monotonic() - begin)
    code = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],capture_output=True);print("
    code += "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return statistics.median(seconds[1:]), int(done.stdout) / 1024


def project(folder: Path, text: str) -> Path:
    """Write an app file with its build."""
    (folder / "api").mkdir(parents=True)
    (folder / "api" / "requirements.txt").touch()
    (folder / "seatrial.yml").write_text(text)
    return folder


def pure(folder: Path) -> None:
    """Measure help, check and generate."""
    two = project(folder / "two", TWO)
    extra = "".join(WORKER.format(n=n) for n in range(499))
    many = project(folder / "many", TWO.replace("databases:", extra + "databases:"))
    rows: list[tuple[str, list[str], Path, int]] = [
        ("--help", [*SEATRIAL, "--help"], two, 7),
        ("check, two services", [*SEATRIAL, "check"], two, 7),
        ("generate, two services", [*SEATRIAL, "generate", "--out", "out"], two, 7),
        ("generate, 501 services", [*SEATRIAL, "generate", "--out", "out"], many, 3),
    ]
    for name, words, place, runs in rows:
        seconds, peak = measured(words, place, runs)
        print(f"{name:<28} {seconds:6.2f} s  {peak:5.0f} MiB", flush=True)


def rehearsal(folder: Path, name: str) -> None:
    """Measure a cold `up` and what follows it."""
    app = folder / name
    ignored = shutil.ignore_patterns("golden", ".seatrial")
    shutil.copytree(ROOT / "examples" / name, app, ignore=ignored)
    subprocess.run([*SEATRIAL, "up", "--detach"], cwd=app, check=True, capture_output=True)
    subprocess.run([*SEATRIAL, "down"], cwd=app, check=True, capture_output=True)
    seconds = []
    for _ in range(3):
        shutil.rmtree(app / ".seatrial" / "dev", ignore_errors=True)
        begin = time.monotonic()
        done = subprocess.run(
            [*SEATRIAL, "up", "--detach", "--json"],
            cwd=app,
            check=True,
            capture_output=True,
            text=True,
        )
        seconds.append(time.monotonic() - begin)
        address = json.loads(done.stdout)["address"]
        if len(seconds) < 3:
            subprocess.run([*SEATRIAL, "down"], cwd=app, check=True, capture_output=True)
    print(f"cold up, {name:<19} {statistics.median(seconds):6.2f} s", flush=True)
    try:
        if name == "hello":
            changes(app, address)
            traffic(app, address)
    finally:
        subprocess.run([*SEATRIAL, "down"], cwd=app, check=True, capture_output=True)


def until(address: str, wanted: str) -> float:
    """Return the seconds until an answer holds a text."""
    begin = time.monotonic()
    while time.monotonic() - begin < 60:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if wanted in answer.read().decode():
                    return time.monotonic() - begin
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{wanted} never came")


def changes(app: Path, address: str) -> None:
    """Measure how long an edit takes to be served."""
    source, seconds = app / "main.py", []
    for number in range(5):
        before = "ok" if number == 0 else f"ok{number - 1}"
        source.write_text(source.read_text().replace(f'"{before}"', f'"ok{number}"'))
        seconds.append(until(f"{address}/health", f"ok{number}"))
        time.sleep(4)
    print(f"{'source edit to served':<28} {statistics.median(seconds):6.2f} s", flush=True)
    file = app / "seatrial.yml"
    file.write_text(file.read_text().replace('"Hello"', '"Moin"'))
    print(f"{'app-file edit to served':<28} {until(address, 'Moin'):6.2f} s", flush=True)
    time.sleep(4)


def traffic(app: Path, address: str) -> None:
    """Measure requests through CDN and balancer, and the bare program, in the same run."""
    words = ["uvicorn", "main:app", "--port", "18099", "--log-level", "warning"]
    found = next((app / ".seatrial/environments").glob("*/bin/uvicorn"))
    bare = subprocess.Popen([str(found), *words[1:]], cwd=app)
    try:
        until("http://127.0.0.1:18099/health", "status")
        rates = {}
        for name, url in (("balancer", address), ("bare", "http://127.0.0.1:18099")):
            rates[name] = _rate(f"{url}/health")
        for name, (each, rate) in rates.items():
            print(f"{name:<28} {each * 1000:6.2f} ms  {rate:5.0f} requests/s", flush=True)
    finally:
        bare.kill()
        bare.wait()


def _rate(url: str) -> tuple[float, float]:
    """Return median latency of one client, and requests per second of eight."""
    import threading

    import httpx

    with httpx.Client() as client:
        client.get(url)
        one = [_timed(lambda: client.get(url)) for _ in range(300)]
    done: list[int] = []

    def loop() -> None:
        with httpx.Client() as client:
            for _ in range(200):
                done.append(client.get(url).status_code)

    threads = [threading.Thread(target=loop) for _ in range(8)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if set(done) != {200}:
        raise SystemExit(f"answers: {set(done)}")
    return statistics.median(one), len(done) / (time.monotonic() - begin)


def _timed(job: Callable[[], object]) -> float:
    begin = time.monotonic()
    job()
    return time.monotonic() - begin


def peer(folder: Path, python: str) -> None:
    """Measure AWS CDK on the same app, turn by turn with Seatrial; prints the ratio."""
    two = project(folder / "peer", TWO)
    script = str(Path(__file__).with_name("peer_cdk.py"))
    ratios = []
    for _ in range(5):
        theirs, peak = measured([python, script, str(folder / "cdk.out")], two, 1)
        ours, own = measured([*SEATRIAL, "generate", "--out", "out"], two, 1)
        ratios.append(theirs / ours)
    print(f"{'CDK, its own checks':<28} {theirs:6.2f} s  {peak:5.0f} MiB")
    print(f"{'ratio of pairs, median':<28} {statistics.median(ratios):6.1f} x  {peak / own:5.1f} x")


def main() -> None:
    """Run everything; ``--peer PYTHON`` measures AWS CDK only."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if sys.argv[1:2] == ["--peer"]:
            peer(folder, sys.argv[2])
            return
        pure(folder)
        for example in ("hello", "notes"):
            rehearsal(folder, example)


if __name__ == "__main__":
    main()
