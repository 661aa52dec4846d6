"""Bedrock answers as AWS does, whatever stands behind it: boto3 is the client in every test."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from bedrock_clients import MODEL, client_of, events, refusal, running, said, text_of
from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator

PROFILE = "us.amazon.nova-lite-v1:0"
SERVER = Path(__file__).parents[1] / "model_server.py"
SCRIPT = r"""
- {when: "how many (?P<what>\\w+)", answer: "I counted {what}: 3. \"Ok\" \\ {not a group}"}
- {when: rain, tool: get_rain, call: {name: get_rain, input: {city: Bonn, days: 2}}}
- {when: rain, answer: I have no tool for it}
- {when: throttle, error: ThrottlingException}
- {when: slowly, answer: one two three, delay: 0.2, pause: 0.1}
"""
TOOL = {
    "toolSpec": {
        "name": "get_rain",
        "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}},
    }
}
Client = Callable[..., Any]


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    folder = tmp_path_factory.mktemp("scripted")
    (folder / "model.yml").write_text(SCRIPT)
    with running(folder / "state", model_script=str(folder / "model.yml")) as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Run an emulator before a model server of another process."""
    server = subprocess.Popen([sys.executable, SERVER, "0.05"], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    patch = pytest.MonkeyPatch()
    try:
        patch.setenv(process.MODEL_KEY, "a-key")
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        with running(tmp_path_factory.mktemp("served"), model_url=url) as found:
            yield found
    finally:
        patch.undo()
        server.kill()
        server.wait()
        server.stdout.close()


def test_a_script_answers_with_what_was_asked(scripted: RunningEmulator):
    """Converse gives the row's text, with groups of the question in it, and counts tokens."""
    client = client_of(scripted, "bedrock-runtime")
    answer = client.converse(modelId=MODEL, messages=said("How many orders are there?"))
    (block,) = answer["output"]["message"]["content"]
    assert block["text"] == 'I counted orders: 3. "Ok" \\ {not a group}'
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] > 0


def test_a_stream_has_the_same_text_word_by_word(scripted: RunningEmulator):
    """ConverseStream's events come in Bedrock's order while the model still speaks."""
    client, begun = client_of(scripted, "bedrock-runtime"), time.monotonic()
    stream = client.converse_stream(modelId=PROFILE, messages=said("slowly please"))["stream"]
    seen = [(next(iter(event)), event, time.monotonic() - begun) for event in stream]
    kinds = [kind for kind, *_ in seen]
    assert kinds[0] == "messageStart"
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    assert text_of([(k, e[k]) for k, e, _ in seen]) == "one two three"
    assert seen[-1][2] - seen[0][2] > 0.15  # it did not come in one piece


def test_a_tool_is_called_where_it_is_on_offer(scripted: RunningEmulator):
    """The call is whole in Converse and comes as JSON text in the stream."""
    client = client_of(scripted, "bedrock-runtime")
    given = {"modelId": MODEL, "messages": said("Will it rain?")}
    answer = client.converse(**given, toolConfig={"tools": [TOOL]})
    (block,) = answer["output"]["message"]["content"]
    assert (answer["stopReason"], block["toolUse"]["input"]) == (
        "tool_use",
        {"city": "Bonn", "days": 2},
    )
    found = events(client.converse_stream(**given, toolConfig={"tools": [TOOL]}))
    (start,) = [body for kind, body in found if kind == "contentBlockStart"]
    assert start["start"]["toolUse"]["name"] == "get_rain"
    text = "".join(b["delta"]["toolUse"]["input"] for k, b in found if k == "contentBlockDelta")
    assert json.loads(text) == {"city": "Bonn", "days": 2}
    without = client.converse(**given)
    assert without["output"]["message"]["content"] == [{"text": "I have no tool for it"}]


@pytest.mark.parametrize(
    ("text", "code"),
    [("throttle me", "ThrottlingException"), ("nothing fits", "ModelErrorException")],
)
def test_a_script_fails_in_bedrocks_words(scripted: RunningEmulator, text: str, code: str):
    """A row's error, and a question without a row, are exceptions of the API; streams too."""
    client = client_of(scripted, "bedrock-runtime")
    given = {"modelId": MODEL, "messages": said(text)}
    assert refusal(lambda: client.converse(**given))[0] == code
    assert refusal(lambda: client.converse_stream(**given))[0] == code


def test_an_edited_script_holds_at_once(scripted: RunningEmulator):
    """Nobody restarts anything to try another answer; a fault in it names its row."""
    path = scripted.folder.parent / "model.yml"
    client = client_of(scripted, "bedrock-runtime")
    given = {"modelId": MODEL, "messages": said("a new question")}
    try:
        path.write_text(SCRIPT + "- {when: new, answer: a new answer}\n")
        answer = client.converse(**given)
        assert answer["output"]["message"]["content"] == [{"text": "a new answer"}]
        path.write_text("- {when: new, anwser: x}\n")
        code, message = refusal(lambda: client.converse(**given))
        assert code == "ModelErrorException"
        assert "row 1: there is no key `anwser`" in message
    finally:
        path.write_text(SCRIPT)


def test_embeddings_put_equal_words_near(scripted: RunningEmulator):
    """Titan's and Cohere's bodies are answered with unit vectors of the asked size."""
    client = client_of(scripted, "bedrock-runtime")

    def titan(text: str) -> list[float]:
        body = json.dumps({"inputText": text, "dimensions": 256})
        answer = client.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)
        found: list[float] = json.loads(answer["body"].read())["embedding"]
        return found

    orders, sales, rain = titan("orders by day"), titan("orders by year"), titan("is it rain")
    near = sum(a * b for a, b in zip(orders, sales, strict=True))
    far = sum(a * b for a, b in zip(orders, rain, strict=True))
    assert len(orders) == 256
    assert near > 0.5 > far
    body = json.dumps({"texts": ["a", "b"], "input_type": "search_query"})
    answer = client.invoke_model(modelId="cohere.embed-english-v3", body=body)
    assert len(json.loads(answer["body"].read())["embeddings"]) == 2


def test_anthropics_own_body_is_answered_in_its_shape(scripted: RunningEmulator):
    """InvokeModel of a Claude model takes and gives Anthropic's messages."""
    client = client_of(scripted, "bedrock-runtime")
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "how many rows"}],
    }
    answer = client.invoke_model(modelId=MODEL, body=json.dumps(body))
    found = json.loads(answer["body"].read())
    assert found["content"][0]["text"].startswith("I counted rows")
    assert (found["role"], found["stop_reason"]) == ("assistant", "end_turn")


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"messages": []}, "ValidationException", ""),
        (
            {"messages": [{"role": "assistant", "content": [{"text": "hi"}]}]},
            "ValidationException",
            "user message",
        ),
        (
            {"messages": said("hi"), "inferenceConfig": {"temperature": 7.0}},
            "ValidationException",
            "temperature",
        ),
    ],
)
def test_a_wrong_request_is_refused(
    scripted: RunningEmulator, given: dict[str, Any], code: str, words: str
):
    """What Bedrock's model of Converse does not allow never reaches a model."""
    client = client_of(scripted, "bedrock-runtime")
    found, message = refusal(lambda: client.converse(modelId=MODEL, **given))
    assert found == code
    assert words in message


def _user(running: RunningEmulator, name: str, statement: dict[str, Any]) -> dict[str, str]:
    iam = client_of(running, "iam")
    iam.create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def test_a_grant_names_one_model(scripted: RunningEmulator):
    """Who may invoke one model may not another one, nor stream without the stream's action."""
    place = "arn:aws:bedrock:us-east-1::foundation-model"
    allow = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": f"{place}/{MODEL}"}
    keys = _user(scripted, "one-model", allow)
    client = client_of(scripted, "bedrock-runtime", **keys)
    given: dict[str, Any] = {"messages": said("how many keys")}
    assert client.converse(modelId=MODEL, **given)["stopReason"] == "end_turn"
    other = "amazon.nova-lite-v1:0"
    code, message = refusal(lambda: client.converse(modelId=other, **given))
    assert code == "AccessDeniedException"
    assert f"bedrock:InvokeModel on resource: {place}/{other}" in message
    assert refusal(lambda: client.converse_stream(modelId=MODEL, **given))[0] == code


def test_a_profile_needs_the_model_behind_it_too(scripted: RunningEmulator):
    """A grant on the profile alone is not enough; on both it is, with AWS's condition."""
    profile = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{PROFILE}"
    alone = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": profile}
    client = client_of(scripted, "bedrock-runtime", **_user(scripted, "profile-alone", alone))
    call = {"modelId": PROFILE, "messages": said("how many regions")}
    assert "foundation-model/amazon.nova-lite-v1:0" in refusal(lambda: client.converse(**call))[1]
    both = alone | {"Resource": [profile, "arn:aws:bedrock:*::foundation-model/amazon.nova-*"]}
    client = client_of(scripted, "bedrock-runtime", **_user(scripted, "profile-and-model", both))
    assert client.converse(**call)["stopReason"] == "end_turn"


@pytest.mark.slow
def test_nothing_behind_is_no_access(tmp_path: Path):
    """Without server and script a call is refused as on AWS without access to the model."""
    with running(tmp_path / "state") as found:
        client = client_of(found, "bedrock-runtime")
        code, message = refusal(lambda: client.converse(modelId=MODEL, messages=said("hello")))
        assert (code, message) == (
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
        )
        control = client_of(found, "bedrock")
        available = control.get_foundation_model_availability(modelId=MODEL)
        assert available["entitlementAvailability"] == "NOT_AVAILABLE"


def test_models_and_profiles_are_described(scripted: RunningEmulator):
    """GetFoundationModel and GetInferenceProfile answer what Terraform's data sources read."""
    control = client_of(scripted, "bedrock")
    details = control.get_foundation_model(modelIdentifier=MODEL)["modelDetails"]
    assert details["modelArn"] == f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
    profile = control.get_inference_profile(inferenceProfileIdentifier=PROFILE)
    assert profile["models"] == [
        {"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"}
    ]
    assert refusal(lambda: control.get_inference_profile(inferenceProfileIdentifier=MODEL))[0] == (
        "ValidationException"
    )


def test_a_model_server_answers(served: RunningEmulator):
    """Text, its stream and counts come from the server: quotes and backslashes as they were."""
    client = client_of(served, "bedrock-runtime")
    answer = client.converse(
        modelId=MODEL, messages=said("hi"), system=[{"text": "be short"}], inferenceConfig={}
    )
    (block,) = answer["output"]["message"]["content"]
    assert block["text"] == 'You said: "hi"\\\n'
    assert answer["usage"] == {"inputTokens": 7, "outputTokens": 5, "totalTokens": 12}
    found = events(client.converse_stream(modelId=MODEL, messages=said("hi")))
    assert text_of(found) == block["text"]


def test_a_model_server_calls_tools_and_hears_their_results(served: RunningEmulator):
    """A call that comes in pieces is whole; its result goes back to the server."""
    client = client_of(served, "bedrock-runtime")
    messages, tools = said("The rain in Köln?"), {"tools": [TOOL]}
    answer = client.converse(modelId=MODEL, messages=messages, toolConfig=tools)
    used = answer["output"]["message"]["content"][0]["toolUse"]
    assert used["input"] == {"city": "Köln"}
    result = {"toolUseId": used["toolUseId"], "content": [{"json": {"rain": True}}]}
    messages += [
        answer["output"]["message"],
        {"role": "user", "content": [{"toolResult": result}]},
    ]
    after = client.converse(modelId=MODEL, messages=messages, toolConfig=tools)
    assert '{"rain": true}' in after["output"]["message"]["content"][0]["text"]


def test_a_busy_server_and_a_broken_stream_are_bedrocks_errors(served: RunningEmulator):
    """429 is a throttled call; an answer that breaks off ends the stream with an exception."""
    client = client_of(served, "bedrock-runtime")
    assert refusal(lambda: client.converse(modelId=MODEL, messages=said("busy")))[0] == (
        "ThrottlingException"
    )
    stream = client.converse_stream(modelId=MODEL, messages=said("break off"))["stream"]
    with pytest.raises(EventStreamError, match="out of memory"):
        list(stream)


@pytest.mark.slow
def test_a_server_that_is_gone_is_unavailable(tmp_path: Path):
    """A wrong address is a 503 that names it, not a hanging call."""
    with running(tmp_path / "state", model_url="http://127.0.0.1:9/v1") as found:
        client = client_of(found, "bedrock-runtime")
        code, message = refusal(lambda: client.converse(modelId=MODEL, messages=said("hello")))
        assert code == "ServiceUnavailableException"
        assert "http://127.0.0.1:9/v1" in message


def test_a_slow_answer_stops_nobody(scripted: RunningEmulator):
    """Other calls are answered while a model still thinks."""
    client, done = client_of(scripted, "bedrock-runtime"), []
    thread = threading.Thread(
        target=lambda: done.append(
            list(client.converse_stream(modelId=MODEL, messages=said("slowly"))["stream"])
        )
    )
    thread.start()
    time.sleep(0.1)
    client_of(scripted, "sts").get_caller_identity()
    assert not done
    thread.join()
    assert done
