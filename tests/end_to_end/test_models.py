"""An app that asks a language model: the same code here and on AWS, its grant enforced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from helpers import Rehearsal, eventually, get, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
APP = """
app: asks
region: us-east-1
buckets: {files: {files: ./manuals}}
secrets:
  pinecone:
    arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:pinecone-a1B2c3
    keys: [apiKey]
knowledge:
  docs:
    bucket: files
    embedding: embedder
    store: {pinecone: 'https://docs.svc.pinecone.io', secret: pinecone}
models:
  embedder: amazon.titan-embed-text-v2:0
  writer: us.amazon.nova-lite-v1:0
  other: anthropic.claude-haiku-4-5-20251001-v1:0
guardrails: {safe: {words: [orders], pii: {email: anonymize}, messages: {input: Not of orders.}}}
services:
  api:
    build: .
    command: uvicorn main:app --host 0.0.0.0 --port 8000
    port: 8000
    public: /
    health: /health
    uses: [writer, safe, docs]
"""
MAIN = """
import os

import boto3
from botocore.exceptions import ClientError
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
bedrock = boto3.client("bedrock-runtime")


def said(text):
    return [{"role": "user", "content": [{"text": text}]}]


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/ask")
def ask(q: str, model: str = ""):
    try:
        answer = bedrock.converse(modelId=model or os.environ["WRITER_MODEL"], messages=said(q))
    except ClientError as error:
        return error.response["Error"]
    return answer["output"]["message"]["content"][0]


@app.get("/guarded")
def guarded(q: str):
    safe = {
        "guardrailIdentifier": os.environ["SAFE_GUARDRAIL"],
        "guardrailVersion": os.environ["SAFE_GUARDRAIL_VERSION"],
    }
    answer = bedrock.converse(
        modelId=os.environ["WRITER_MODEL"], messages=said(q), guardrailConfig=safe
    )
    return answer["output"]["message"]["content"][0]["text"] + " " + safe["guardrailVersion"]


@app.get("/find")
def find(q: str):
    found = boto3.client("bedrock-agent-runtime").retrieve(
        knowledgeBaseId=os.environ["DOCS_KNOWLEDGE"], retrievalQuery={"text": q}
    )
    return [row["content"]["text"] for row in found["retrievalResults"]]


@app.get("/stream")
def stream(q: str):
    events = bedrock.converse_stream(modelId=os.environ["WRITER_MODEL"], messages=said(q))["stream"]
    deltas = (e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e)
    return StreamingResponse(delta["text"] for delta in deltas)
"""
SCRIPT = r"- {when: 'hello (\S+)', answer: 'Good day, {1}.'}" + "\n"


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Rehearse the app with a script behind its models."""
    folder = tmp_path_factory.mktemp("asks")
    (folder / "seatrial.yml").write_text(APP)
    (folder / "main.py").write_text(MAIN)
    (folder / "requirements.txt").write_text("boto3\nfastapi\nuvicorn\n")
    (folder / "rehearsal").mkdir()
    (folder / "rehearsal/model.yml").write_text(SCRIPT)
    (folder / "manuals").mkdir()
    (folder / "manuals/users.md").write_text("The users table has an email.")
    yield up(folder)
    seatrial("down", folder=folder)


def test_a_task_asks_its_model(asks: Rehearsal):
    """boto3 without an argument reaches the model that `uses` names, whole and as a stream."""
    assert get(f"{asks.address}/ask?q={quote('hello Ann')}")[1] == '{"text":"Good day, Ann."}'
    assert get(f"{asks.address}/stream?q={quote('hello Bo')}")[1] == "Good day, Bo."


def test_a_task_goes_through_its_guardrail(asks: Rehearsal):
    """What is blocked is not asked, what is hidden the model does not hear; by version 1."""
    for question, answer in (
        ("hello Ann of orders", "Not of orders. 1"),
        ("hello ann@example.com", "Good day, {EMAIL}. 1"),
        ("hello Ann", "Good day, Ann. 1"),
    ):
        assert json.loads(get(f"{asks.address}/guarded?q={quote(question)}")[1]) == answer


def test_a_deploy_reads_the_documents(asks: Rehearsal):
    """What `files` put into the bucket is found, and what is added later as well."""
    question = f"{asks.address}/find?q={quote('Which table has users?')}"
    eventually(lambda: get(question)[1], lambda said: said == '["The users table has an email."]')
    (asks.folder / "manuals/giraffes.md").write_text("Giraffes are tall.")
    question = f"{asks.address}/find?q=giraffe"
    eventually(lambda: get(question)[1], lambda said: said == '["Giraffes are tall."]', 60)


def test_a_model_without_uses_is_refused(asks: Rehearsal):
    """Another model of the same app file is not the task's to invoke."""
    other = quote("anthropic.claude-haiku-4-5-20251001-v1:0")
    answer = get(f"{asks.address}/ask?q=hello&model={other}")[1]
    assert "AccessDeniedException" in answer
    assert "bedrock:InvokeModel" in answer


def test_the_report_says_what_answers(asks: Rehearsal):
    """Nobody takes a script for a model: `up` names it."""
    notes = " ".join(asks.report["notes"])
    assert "models are answered by the script model.yml" in notes
    assert any("the models themselves" in row for row in asks.report["not_rehearsed"])


def test_a_plan_after_it_is_empty(asks: Rehearsal):
    """The sources that ask for the models change nothing."""
    found = json.loads(seatrial("plan", "--json", folder=asks.folder).stdout)
    assert [found[kind] for kind in ("create", "change", "replace", "destroy")] == [[]] * 4


def test_a_changed_guardrail_is_a_new_version(asks: Rehearsal):
    """The edit is deployed: the tasks name version 2, and version 1 is still there."""
    text = APP.replace("words: [orders]", "words: [invoices]")
    (asks.folder / "seatrial.yml").write_text(text)
    question = f"{asks.address}/guarded?q={quote('hello Ann of orders')}"
    eventually(lambda: get(question)[1], lambda said: said == '"Good day, Ann. 2"', timeout=60)
    question = f"{asks.address}/guarded?q={quote('hello Ann of invoices')}"
    assert json.loads(get(question)[1]) == "Not of orders. 2"


def test_a_script_with_a_fault_ends_up_before_anything_starts(tmp_path: Path):
    """Its row and what is wrong with it, within a second or two."""
    (tmp_path / "seatrial.yml").write_text(APP)
    (tmp_path / "requirements.txt").write_text("boto3\n")
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "manuals").mkdir()
    (tmp_path / "rehearsal/model.yml").write_text("- {when: x}\n- {when: '(', answer: y}\n")
    done = seatrial("up", "--detach", folder=tmp_path)
    assert done.returncode == 1
    assert "error[rehearsal-model-script]" in done.stderr
    assert "row 1: it needs one of `answer`, `call` or `error`" in done.stderr
    assert "row 2: `when` is no regular expression" in done.stderr
