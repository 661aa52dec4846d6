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
agents:
  helper:
    model: writer
    instruction: You answer questions on tables, in the tone of a captain.
    knowledge: {docs: Tables and their columns.}
    guardrail: safe
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
    uses: [writer, safe, docs, helper]
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


@app.get("/turn")
def turn(q: str):
    answer = boto3.client("bedrock-agent-runtime").invoke_agent(
        agentId=os.environ["HELPER_AGENT"],
        agentAliasId=os.environ["HELPER_ALIAS"],
        sessionId="one",
        inputText=q,
    )
    return b"".join(e["chunk"]["bytes"] for e in answer["completion"] if "chunk" in e).decode()


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
SCRIPT = r"""
- {when: 'hello (\S+)', answer: 'Good day, {1}.'}
- {when: users, system: 'captain.*has an email', answer: 'Aye, users has an email.'}
- {when: users, system: 'judge.*has an email', answer: 'Users has an email, I find.'}
"""


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


def guarded(asks: Rehearsal, question: str) -> list[str]:
    """Return what is answered through the guardrail, and the guardrail's version."""
    said = get(f"{asks.address}/guarded?q={quote(question)}")[1]
    return str(json.loads(said or '" "')).rsplit(" ", 1)


@pytest.mark.G37
def test_a_task_goes_through_its_guardrail(asks: Rehearsal):
    """What is blocked is not asked, what is hidden the model does not hear."""
    for question, answer in (
        ("hello Ann of orders", "Not of orders."),
        ("hello ann@example.com", "Good day, {EMAIL}."),
        ("hello Ann", "Good day, Ann."),
    ):
        assert guarded(asks, question)[0] == answer


@pytest.mark.G36
def test_a_deploy_reads_the_documents(asks: Rehearsal):
    """What `files` put into the bucket is found, and what is added later as well."""
    question = f"{asks.address}/find?q={quote('Which table has users?')}"
    eventually(lambda: get(question)[1], lambda said: said == '["The users table has an email."]')
    (asks.folder / "manuals/giraffes.md").write_text("Giraffes are tall.")
    question = f"{asks.address}/find?q=giraffe"
    eventually(lambda: get(question)[1], lambda said: said == '["Giraffes are tall."]', 60)


@pytest.mark.G35
def test_a_changed_agent_answers_at_its_alias(asks: Rehearsal):
    """The task calls the same alias; Terraform's update of it made a version of the new agent."""
    question = f"{asks.address}/turn?q={quote('which users?')}"
    eventually(lambda: get(question)[1], lambda said: said == '"Aye, users has an email."', 60)
    file = asks.folder / "seatrial.yml"
    file.write_text(file.read_text().replace("of a captain", "of a judge"))
    eventually(lambda: get(question)[1], lambda said: said == '"Users has an email, I find."', 60)
    file.write_text(APP)
    eventually(lambda: get(question)[1], lambda said: said == '"Aye, users has an email."', 60)


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
    """The edit is deployed: the tasks name another version, which judges anew."""
    before = guarded(asks, "hello Ann")[1]
    text = APP.replace("words: [orders]", "words: [invoices]")
    (asks.folder / "seatrial.yml").write_text(text)
    eventually(
        lambda: guarded(asks, "hello Ann of orders"),
        lambda said: said[0] == "Good day, Ann." and said[1] != before,
        timeout=60,
    )
    assert guarded(asks, "hello Ann of invoices")[0] == "Not of orders."


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
