"""Agents answer with what they know, in AWS's event stream; boto3 is the client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from bedrock_clients import (
    ALLOWED,
    MODEL,
    client_of,
    made,
    refusal,
    role,
    running,
    storage,
    synced,
)
from seatrial_emulator.process import RunningEmulator

SCRIPT = r"""
- {when: "columns", system: "created_at", answer: "users has id and created_at."}
- {when: "who am i", system: "user: Ann", answer: "You are Ann."}
- {when: "again", answer: "Still here."}
- {when: "mail", answer: "Write to ann@example.com"}
- {when: "too much", error: ThrottlingException}
"""
INSTRUCTION = "You answer questions on tables, and say so where you do not know."
MODEL_ARN = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Run an account with a bucket, Pinecone's key and the roles of a base and of an agent."""
    folder = tmp_path_factory.mktemp("agents")
    (folder / "model.yml").write_text(SCRIPT)
    with running(folder / "state", model_script=str(folder / "model.yml")) as found:
        s3 = client_of(found, "s3")
        s3.create_bucket(Bucket="knowledge")
        text = b"The users table has the columns id and created_at."
        s3.put_object(Bucket="knowledge", Key="docs/users.md", Body=text)
        role(found, "reads", ALLOWED)
        secrets = client_of(found, "secretsmanager")
        secrets.create_secret(Name="pinecone", SecretString='{"apiKey": "k"}')
        assert storage(found)["type"] == "PINECONE"
        yield found


def created(account: RunningEmulator, name: str, allowed: dict[str, str], **other: Any) -> str:
    """Create and prepare an agent with a role; return its ID."""
    arn = role(account, name, allowed)
    agent = client_of(account, "bedrock-agent")
    found = agent.create_agent(
        agentName=name,
        agentResourceRoleArn=arn,
        foundationModel=MODEL,
        instruction=INSTRUCTION,
        **other,
    )["agent"]
    assert found["agentStatus"] == "NOT_PREPARED"
    agent.prepare_agent(agentId=found["agentId"])
    return str(found["agentId"])


@pytest.fixture(scope="module")
def helper(account: RunningEmulator) -> dict[str, str]:
    """Create an agent with a knowledge base, a guardrail and an alias; return how to call it."""
    both = made(account, "docs")
    assert synced(account, both)["status"] == "COMPLETE"
    guard = client_of(account, "bedrock").create_guardrail(
        name="safe", blockedInputMessaging="Not asked.", blockedOutputsMessaging="Not said.",
        wordPolicyConfig={"wordsConfig": [{"text": "zebra"}]},
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]
        },
    )  # fmt: skip
    allowed = {
        "bedrock:InvokeModel": MODEL_ARN,
        "bedrock:Retrieve": f"arn:aws:bedrock:*:*:knowledge-base/{both['knowledgeBaseId']}",
        "bedrock:ApplyGuardrail": guard["guardrailArn"],
    }
    named = {"guardrailIdentifier": guard["guardrailId"], "guardrailVersion": "DRAFT"}
    name = created(account, "helper", allowed, guardrailConfiguration=named)
    agent = client_of(account, "bedrock-agent")
    agent.associate_agent_knowledge_base(
        agentId=name,
        agentVersion="DRAFT",
        knowledgeBaseId=both["knowledgeBaseId"],
        description="Columns of tables.",
        knowledgeBaseState="ENABLED",
    )
    early = refusal(lambda: agent.create_agent_alias(agentId=name, agentAliasName="live"))
    assert early[0] == "ValidationException"  # not prepared since
    agent.prepare_agent(agentId=name)
    alias = agent.create_agent_alias(agentId=name, agentAliasName="live")["agentAlias"]
    assert alias["routingConfiguration"] == [{"agentVersion": "1"}]
    return {"agentId": name, "agentAliasId": alias["agentAliasId"]}


def invoked(
    account: RunningEmulator, helper: dict[str, str], text: str, **other: Any
) -> tuple[str, list[Any], list[Any]]:
    """Return an answer's text, its citations and its traces."""
    client = client_of(account, "bedrock-agent-runtime")
    given = {"sessionId": "s-1", "inputText": text, **helper, **other}
    answer = client.invoke_agent(**given)
    assert (answer["sessionId"], answer["contentType"]) == (given["sessionId"], "application/json")
    events = list(answer["completion"])
    chunks = [event["chunk"] for event in events if "chunk" in event]
    cited = [c for chunk in chunks for c in chunk.get("attribution", {}).get("citations", [])]
    traces = [event["trace"] for event in events if "trace" in event]
    return b"".join(chunk["bytes"] for chunk in chunks).decode(), cited, traces


def test_an_agent_answers_with_a_trace(account: RunningEmulator, helper: dict[str, str]):
    """Looked up, asked, answered and cited; each step is an event where the trace is on."""
    text, cited, traces = invoked(account, helper, "Which columns has users?", enableTrace=True)
    assert text == "users has id and created_at."
    (reference,) = cited[0]["retrievedReferences"]
    assert reference["location"]["s3Location"]["uri"] == "s3://knowledge/docs/users.md"
    steps = [(kind, next(iter(row))) for trace in traces for kind, row in trace["trace"].items()]
    assert steps == [
        ("guardrailTrace", "action"),
        ("orchestrationTrace", "invocationInput"),
        ("orchestrationTrace", "observation"),
        ("orchestrationTrace", "modelInvocationInput"),
        ("orchestrationTrace", "modelInvocationOutput"),
        ("guardrailTrace", "action"),
        ("orchestrationTrace", "observation"),
    ]
    assert {trace["agentVersion"] for trace in traces} == {"1"}
    assert invoked(account, helper, "Which columns has users?")[2] == []
    streamed = {"streamingConfigurations": {"streamFinalResponse": True}}
    client = client_of(account, "bedrock-agent-runtime")
    answer = client.invoke_agent(**helper, sessionId="s-2", inputText="Which columns?", **streamed)
    assert len([event for event in answer["completion"] if "chunk" in event]) == 5


def test_its_guardrail_judges(account: RunningEmulator, helper: dict[str, str]):
    """Blocked: the model is not asked. Hidden: the mask is in the answer. The trace says which."""
    text, _, traces = invoked(account, helper, "a zebra", enableTrace=True)
    assert text == "Not asked."
    (first, *_) = (t["trace"]["guardrailTrace"] for t in traces if "guardrailTrace" in t["trace"])
    assert first["action"] == "INTERVENED"
    assert first["inputAssessments"][0]["wordPolicy"]["customWords"][0]["match"] == "zebra"
    assert invoked(account, helper, "her mail")[0] == "Write to {EMAIL}"


def test_attributes_and_sessions(account: RunningEmulator, helper: dict[str, str]):
    """Attributes reach the prompt; a session is ended by the caller."""
    state = {"sessionState": {"promptSessionAttributes": {"user": "Ann"}}}
    assert invoked(account, helper, "Who am I?", **state)[0] == "You are Ann."
    ended = invoked(account, helper, "bye", endSession=True)[0]
    assert ended == "Session is terminated as 'endSession' flag is set in request."


def test_an_alias_leads_to_a_version(account: RunningEmulator):
    """A change reaches the test alias at once, and an alias when it is updated."""
    agent = client_of(account, "bedrock-agent")
    allowed = {"bedrock:InvokeModel": MODEL_ARN}
    name = created(account, "versions", allowed)
    alias = agent.create_agent_alias(agentId=name, agentAliasName="live")["agentAlias"]
    live = {"agentId": name, "agentAliasId": alias["agentAliasId"]}
    assert invoked(account, live, "again")[0] == "Still here."
    row = agent.get_agent(agentId=name)["agent"]
    given = {k: row[k] for k in ("agentName", "agentResourceRoleArn", "foundationModel")}
    agent.update_agent(agentId=name, **given, instruction=INSTRUCTION + " user: Ann")
    test = {"agentId": name, "agentAliasId": "TSTALIASID"}
    assert refusal(lambda: invoked(account, test, "who am i"))[0] == "ValidationException"
    agent.prepare_agent(agentId=name)
    assert invoked(account, test, "who am i")[0] == "You are Ann."
    with pytest.raises(EventStreamError):  # the script knows nobody at version 1
        invoked(account, live, "who am i")
    agent.update_agent_alias(agentId=name, agentAliasId=live["agentAliasId"], agentAliasName="live")
    assert invoked(account, live, "who am i")[0] == "You are Ann."
    versions = agent.list_agent_versions(agentId=name)["agentVersionSummaries"]
    assert [row["agentVersion"] for row in versions] == ["DRAFT", "1", "2"]
    assert refusal(lambda: agent.delete_agent(agentId=name))[0] == "ConflictException"
    agent.delete_agent_alias(**live)
    agent.delete_agent(agentId=name)
    # The guide's first command on an agent that is gone.
    assert refusal(lambda: agent.get_agent(agentId=name))[0] == "ResourceNotFoundException"


def test_a_role_that_may_not_invoke_is_an_event(account: RunningEmulator):
    """AWS says so in the stream, after it began."""
    name = created(account, "lacks", {"bedrock:InvokeModel": "arn:aws:bedrock:us-east-1::x"})
    test = {"agentId": name, "agentAliasId": "TSTALIASID"}
    with pytest.raises(EventStreamError) as raised:
        invoked(account, test, "again")
    assert raised.value.response["Error"] == {
        "Code": "accessDeniedException",
        "Message": "Access denied when calling Bedrock. Check your request permissions and retry "
        "the request.",
    }


def test_throttling_and_the_callers_own_permission(
    account: RunningEmulator, helper: dict[str, str]
):
    """The model's throttling ends the stream; a caller needs InvokeAgent on the alias."""
    with pytest.raises(EventStreamError) as raised:
        invoked(account, helper, "too much")
    assert raised.value.response["Error"]["Code"] == "throttlingException"
    iam = client_of(account, "iam")
    iam.create_user(UserName="asks")
    key = iam.create_access_key(UserName="asks")["AccessKey"]
    keys = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    client = client_of(account, "bedrock-agent-runtime", **keys)
    given = {"sessionId": "s-1", "inputText": "again", **helper}
    code, message = refusal(lambda: client.invoke_agent(**given))
    arn = f"agent-alias/{helper['agentId']}/{helper['agentAliasId']}"
    assert (code, arn in message) == ("AccessDeniedException", True)
    allow = {
        "Effect": "Allow",
        "Action": "bedrock:InvokeAgent",
        "Resource": f"arn:aws:bedrock:*:*:{arn}",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="asks", PolicyName="x", PolicyDocument=document)
    assert list(client.invoke_agent(**given)["completion"])


@pytest.mark.G35
def test_an_idle_session_is_forgotten():
    """The turn after the time limit begins a new session."""
    from seatrial_emulator.inference.agents.invocation import Invocations
    from seatrial_emulator.inference.agents.records import Version

    found = Invocations(None, None)  # type: ignore[arg-type]
    version = Version({"idleSessionTTLInSeconds": 0.05})
    given = {"agentId": "a", "agentAliasId": "b", "sessionId": "c"}
    first = found._session(given, version)
    assert found._session(given, version) is first
    time.sleep(0.06)
    assert found._session(given, version) is not first
