"""The registry against its contract: tried by a machine, and the course's groups replayed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import jsonschema
import pytest

import openapi_documents
from helpers import eventually
from registry_process import PASSWORD
from registry_rehearsal import RegistryRehearsal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
HF = "https://huggingface.co"
MODEL = f"{HF}/google-bert/bert-base-uncased"
TUNED = f"{HF}/parvk11/audience_classifier_model"
DATASET = f"{HF}/datasets/bookcorpus"
CODE = "https://github.com/google-research/bert"


@pytest.mark.G34
def test_wrong_logins_are_limited(rehearsal: RegistryRehearsal):
    """The eleventh wrong login of a name from one address is 429; other names go on."""
    with httpx.Client(base_url=rehearsal.app.address, timeout=60) as client:
        login = {"username": "guessed", "password": "wrong-password"}
        codes = [client.post("/authenticate", json=login).status_code for _ in range(15)]
        assert codes == [401] * 10 + [429] * 5
        assert client.post("/authenticate", json=login).headers["retry-after"] == "300"
        other = {"username": "another", "password": "wrong-password"}
        assert client.post("/authenticate", json=other).status_code == 401


@pytest.mark.G34
def test_generated_requests_meet_the_contract(rehearsal: RegistryRehearsal, tmp_path: Path):
    """Schemathesis finds nothing, in all its phases, through the balancer.

    openapi_documents.py says what its copy of the contract changes, and which check is off where.
    """
    client = rehearsal.client()
    for type_, url in (("model", MODEL), ("dataset", DATASET), ("code", CODE)):
        client.post(f"/artifact/{type_}", json={"url": url})
    (tmp_path / "contract.json").write_text(json.dumps(openapi_documents.tried()))
    token = f"X-Authorization:{client.headers['X-Authorization']}"
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "--config-file",
         openapi_documents.settings(tmp_path), "run", tmp_path / "contract.json", "--url",
         rehearsal.app.address, "-H", token, "--continue-on-failure", "--max-examples", "40",
         "--suppress-health-check", "all", "--no-color", "--generation-deterministic"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    found = re.search(r"=+ FAILURES =+(.*)=+ (WARNINGS|SUMMARY)", done.stdout, re.DOTALL)
    assert done.returncode == 0, found.group(1) if found else done.stdout[-3000:] + done.stderr
    assert "18 selected / 18 total" in done.stdout
    assert re.search(r"API Links: +[1-9]\d* covered", done.stdout), "no state was reached"


def obeys(schema: str, answer: httpx.Response) -> None:
    """An answer is what the published contract says, where it is here, read strictly; its own
    faults included.
    """
    if not openapi_documents.PUBLISHED.exists():
        return
    made = openapi_documents.published()
    jsonschema.validate(
        answer.json(),
        {"$ref": f"#/components/schemas/{schema}", "components": made["components"]},
        cls=jsonschema.Draft4Validator,
    )


def test_course_graders_groups_pass(rehearsal: RegistryRehearsal):
    """The groups of the course's grader, written from its public logs; values where they exist."""
    client = rehearsal.client()
    setup_and_reset(client)
    ids = upload(client)
    regular_expressions(client, ids)
    reading(client, ids)
    download(client, ids["bert-base-uncased"])
    rating(client, ids["bert-base-uncased"])
    cost_license_lineage(client, ids)
    deletion(client, ids)


def setup_and_reset(client: httpx.Client) -> None:
    """Health, tracks, login, reset, empty afterwards."""
    assert client.get("/health").status_code == 200
    assert "Access control track" in client.get("/tracks").json()["plannedTracks"]
    assert client.delete("/reset").status_code == 200
    answer = client.post("/artifacts", json=[{"name": "*"}])
    assert (answer.status_code, answer.json()) == (200, [])


def upload(client: httpx.Client) -> dict[str, str]:
    """Models, datasets, code; queries by name, by type, of all."""
    ids: dict[str, str] = {}
    for type_, url in (("model", MODEL), ("model", TUNED), ("dataset", DATASET), ("code", CODE)):
        answer = client.post(f"/artifact/{type_}", json={"url": url})
        assert answer.status_code == 201, answer.text
        obeys("Artifact", answer)
        ids[answer.json()["metadata"]["name"]] = answer.json()["metadata"]["id"]
        for again in (url, f"{url}/tree/main"):
            assert client.post(f"/artifact/{type_}", json={"url": again}).status_code == 409
    assert set(ids) == {
        "bert-base-uncased", "audience_classifier_model", "bookcorpus", "google-research-bert"
    }  # fmt: skip
    every = client.post("/artifacts", json=[{"name": "*"}])
    assert [row["id"] for row in every.json()] == list(ids.values())
    assert every.headers["offset"] == "4"
    assert client.post("/artifacts?offset=3", json=[{"name": "*"}]).json() == every.json()[3:]
    models = client.post("/artifacts", json=[{"name": "*", "types": ["model"]}]).json()
    assert [row["type"] for row in models] == ["model", "model"]
    one = client.post("/artifacts", json=[{"name": "bookcorpus"}]).json()
    assert [row["id"] for row in one] == [ids["bookcorpus"]]
    assert client.post("/artifacts", json=[{"types": ["model"]}]).status_code == 400
    assert client.post("/artifact/model", json={"link": MODEL}).status_code == 400
    assert client.post("/artifact/toy", json={"url": MODEL}).status_code == 400
    return ids


def regular_expressions(client: httpx.Client, ids: dict[str, str]) -> None:
    """Exact, with extras, only in a README, of nothing, and hostile."""

    def found(expression: str) -> list[str]:
        answer = client.post("/artifact/byRegEx", json={"regex": expression})
        return [row["name"] for row in answer.json()] if answer.status_code == 200 else []

    assert found("^bert-base-uncased$") == ["bert-base-uncased"]
    assert set(found(".*?(audience|bert).*")) >= set(ids) - {"bookcorpus"}
    assert found("zanzibar-q[uo]+kka") == ["bert-base-uncased"]
    answer = client.post("/artifact/byRegEx", json={"regex": "no-such-name-at-all"})
    assert answer.status_code == 404
    assert client.post("/artifact/byRegEx", json={"regex": "(a"}).status_code == 400
    hostile = client.post("/artifact/byRegEx", json={"regex": "(([a-z])+.)+[A-Z]([a-z])+$"})
    assert hostile.elapsed.total_seconds() < 2
    assert hostile.status_code in (200, 404)


def reading(client: httpx.Client, ids: dict[str, str]) -> None:
    """By name, by id, and what does not exist."""
    types = {"bookcorpus": "dataset", "google-research-bert": "code"}
    for name, id_ in ids.items():
        type_ = types.get(name, "model")
        by_id = client.get(f"/artifacts/{type_}/{id_}")
        obeys("Artifact", by_id)
        assert by_id.json()["metadata"] == {"name": name, "id": id_, "type": type_}
        assert client.get(f"/artifact/byName/{name}").json() == [by_id.json()["metadata"]]
        other = "code" if type_ != "code" else "model"
        assert client.get(f"/artifacts/{other}/{id_}").status_code == 404
    assert client.get("/artifacts/model/0000").status_code == 404
    assert client.get("/artifacts/model/no_id!").status_code == 400
    assert client.get("/artifact/byName/nothing").status_code == 404


def download(client: httpx.Client, id_: str) -> None:
    """The link needs no token, and gives the bytes of every file."""
    link = client.get(f"/artifacts/model/{id_}").json()["data"]["download_url"]
    found = httpx.get(link, timeout=60)
    assert found.status_code == 200
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("model.safetensors").file_size == 3_000_000
    assert httpx.get(link[:-4] + "0000").status_code == 403


def rating(client: httpx.Client, id_: str) -> None:
    """Every attribute, in its range, and as the formulas give for this card and repository."""
    answer = client.get(f"/artifact/model/{id_}/rate")
    obeys("ModelRating", answer)
    found = answer.json()
    latencies = [value for name, value in found.items() if name.endswith("_latency")]
    assert len(latencies) == 12
    assert min(latencies) > 0
    assert len(set(latencies)) > 6
    assert found["license"] == 1.0
    assert found["performance_claims"] == 0.9
    assert found["reproducibility"] == 1.0
    assert found["reviewedness"] == 0.5
    assert found["code_quality"] == pytest.approx(0.85)
    assert found["dataset_quality"] == pytest.approx(0.5)  # bookcorpus 1, wikipedia 0
    assert found["unknown"] == ["tree_score"]
    assert client.get("/artifact/model/77/rate").status_code == 404


def cost_license_lineage(client: httpx.Client, ids: dict[str, str]) -> None:
    """Sums over the lineage; licenses that go together and not; nodes and relations."""
    tuned, base = ids["audience_classifier_model"], ids["bert-base-uncased"]
    own = client.get(f"/artifact/model/{tuned}/cost").json()
    assert list(own) == [tuned]
    whole = client.get(f"/artifact/model/{tuned}/cost?dependency=true")
    obeys("ArtifactCost", whole)
    rows = whole.json()
    total = sum(row["standalone_cost"] for row in rows.values())
    assert rows[tuned]["total_cost"] == pytest.approx(total)
    assert rows[tuned]["standalone_cost"] == own[tuned]["total_cost"]
    assert set(rows) == {tuned, base, ids["bookcorpus"]}
    graph = client.get(f"/artifact/model/{tuned}/lineage")
    obeys("ArtifactLineageGraph", graph)
    edge = {"from_node_artifact_id": base, "to_node_artifact_id": tuned,
            "relationship": "base_model"}  # fmt: skip
    assert edge in graph.json()["edges"]
    check = f"/artifact/model/{base}/license-check"
    verdicts = {
        name: client.post(check, json={"github_url": f"https://github.com/{name}"})
        for name in ("google-research/bert", "gnu/thing", "nobody/unlicensed", "no/such")
    }
    assert [a.json() for a in verdicts.values()][:3] == [True, False, False]
    assert verdicts["no/such"].status_code == 404


def deletion(client: httpx.Client, ids: dict[str, str]) -> None:
    """What is deleted is gone; the rest is there."""
    id_ = ids["google-research-bert"]
    assert client.delete(f"/artifacts/code/{id_}").status_code == 200
    assert client.get(f"/artifacts/code/{id_}").status_code == 404
    assert client.delete(f"/artifacts/code/{id_}").status_code == 404
    assert len(client.post("/artifacts", json=[{"name": "*"}]).json()) == 3
    trail = client.get(f"/artifact/model/{ids['bert-base-uncased']}/audit")
    assert {row["action"] for row in trail.json()} >= {"CREATE", "RATE", "DOWNLOAD", "AUDIT"}


def test_unreachable_source_is_reported(rehearsal: RegistryRehearsal):
    """GitHub away: a license check is 502, an ingest 424, a rating names what is unknown."""
    client, shelf = rehearsal.client(), rehearsal.sources.shelf
    client.delete("/reset")
    shelf.broken.add("/repos/google-research/bert")
    try:
        model = client.post("/artifact/model", json={"url": MODEL}).json()["metadata"]["id"]
        found = client.get(f"/artifact/model/{model}/rate").json()
        assert {"code_quality", "reviewedness"} <= set(found["unknown"])
        assert found["reviewedness"] == -1
        body = {"github_url": CODE}
        check = client.post(f"/artifact/model/{model}/license-check", json=body)
        assert check.status_code == 502
        assert client.post("/artifact/code", json={"url": CODE}).status_code == 424
    finally:
        shelf.broken.clear()


def test_large_artifact_is_accepted_and_copied_later(rehearsal: RegistryRehearsal):
    """Over 64 MB the answer is 202; the artifact is 404 until the worker has copied it."""
    client = rehearsal.client()
    client.delete("/reset")
    rehearsal.sources.pause = 0.02
    try:
        answer = client.post("/artifact/model", json={"url": f"{HF}/big/one"})
        assert answer.status_code == 202, answer.text
        path = f"/artifacts/model/{answer.json()['metadata']['id']}"
        assert client.get(path).status_code == 404
        eventually(lambda: client.get(path).status_code, lambda status: status == 200, 60)
    finally:
        rehearsal.sources.pause = 0.0
    cost = client.get(f"{path.replace('artifacts', 'artifact')}/cost").json()
    assert next(iter(cost.values()))["total_cost"] > 90


@pytest.mark.parametrize("token", [None, "", "bearer", "bearer nonsense", "x" * 4000, "bearer '--"])
def test_requests_without_a_valid_token_are_refused(
    rehearsal: RegistryRehearsal, token: str | None
):
    """Every guarded operation answers 403 to a missing or wrong token."""
    address, tried = rehearsal.app.address, 0
    headers = {} if token is None else {"X-Authorization": token}
    bodies = {"/artifacts": [{"name": "*"}], "/artifact/byRegEx": {"regex": "a"},
              "/user/register": {"username": "a", "password": "x" * 12},
              "/user/1/permissions": {"permissions": []}, "/artifact/model": {"url": MODEL},
              "/artifact/model/1/license-check": {"github_url": CODE},
              "/artifacts/model/1": {"metadata": {"name": "a", "id": "1", "type": "model"},
                                     "data": {"url": MODEL}}}  # fmt: skip
    own = json.loads(openapi_documents.OWN.read_text())
    for path, method in openapi_documents.operations(own):
        if path.startswith(("/health", "/tracks", "/authenticate", "/download")):
            continue
        made = re.sub(r"\{\w+\}", "1", path.replace("{artifact_type}", "model"))
        called = address + made.replace("/upload", "/upload?filename=a")
        answer = httpx.request(method, called, headers=headers, json=bodies.get(made))
        assert answer.status_code == 403, f"{method} {made}: {answer.status_code}"
        tried += 1
    assert tried == 17


def test_logins(rehearsal: RegistryRehearsal):
    """Both logins work; a wrong name and a wrong password are 401 and take alike; 400 malformed."""
    with httpx.Client(base_url=rehearsal.app.address) as client:
        body = {"username": "ece30861defaultadminuser", "password": PASSWORD}
        short = client.post("/authenticate", json=body)
        assert short.status_code == 200
        assert short.json()["calls_remaining"] == 100000
        for name, password in ((body["username"], "wrong"), ("nobody", PASSWORD), ("a'--", "x")):
            user = {"name": name, "is_admin": True}
            tried = {"user": user, "secret": {"password": password}}
            assert client.put("/authenticate", json=tried).status_code == 401
        assert client.put("/authenticate", json={"user": {"name": "a"}}).status_code == 400
        assert client.get("/docs").status_code == 200
        detailed = client.get("/health?detailed=true").json()
        assert detailed["status"] == "ok", detailed["checks"]
        assert {"requests", "response_seconds", "system", "top_endpoints"} <= set(detailed)
