"""A model on Bedrock: who may invoke it, what it costs, which region it is called from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seatrial.cost.case import Traffic
from seatrial.cost.model import price_key
from seatrial.errors import AppFileError
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Ref
from seatrial.terraform import document

Make = Callable[..., App]
HEAD = "app: shop\nregion: us-east-1\n"
API = "services: {api: {build: ./api, command: run, port: 8000, public: /, uses: [writer]}}\n"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"


def statements(made: Graph) -> list[dict[str, object]]:
    """Return what the grant of the model says."""
    policy = made.by_address["aws_iam_role_policy", "api_task_writer_invoke"].body["policy"]
    found: list[dict[str, object]] = policy.value["Statement"]
    return found


def test_a_models_users_may_invoke_it_and_no_other(app: Make):
    """The grant names the model's ARN, which AWS gives when the plan asks for the model."""
    made = graph(app(HEAD + API + f"models: {{writer: '{HAIKU}'}}"))
    (row,) = statements(made)
    assert row["Action"] == ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    assert row["Resource"] == [Ref("aws_bedrock_foundation_model", "writer", "model_arn")]
    source = document.documents(made)["foundation"]["data"]["aws_bedrock_foundation_model"]
    assert source == {"writer": {"model_id": HAIKU}}


def test_a_profiles_models_are_open_through_the_profile_alone(app: Make):
    """The model in every region of the profile, on the condition that it is reached by it."""
    made = graph(app(HEAD + API + f"models: {{writer: 'us.{HAIKU}'}}"))
    profile, model = statements(made)
    arn = Ref("aws_bedrock_inference_profile", "writer", "inference_profile_arn")
    assert profile["Resource"] == [arn]
    assert model["Resource"] == [f"arn:aws:bedrock:*::foundation-model/{HAIKU}"]
    assert model["Condition"] == {"ArnEquals": {"bedrock:InferenceProfileArn": arn}}


def test_the_id_reaches_the_program(app: Make):
    """WRITER_MODEL is what boto3 takes as `modelId`."""
    made = graph(app(HEAD + API + f"models: {{writer: {{bedrock: 'us.{HAIKU}'}}}}"))
    body = made.by_address["aws_ecs_task_definition", "api"].body
    rows = body["container_definitions"].value[0]["environment"]
    assert {"name": "WRITER_MODEL", "value": f"us.{HAIKU}"} in rows


@pytest.mark.parametrize(
    ("region", "model", "good"),
    [
        ("us-east-1", f"us.{HAIKU}", True),
        ("eu-west-1", f"us.{HAIKU}", False),
        ("eu-west-1", f"eu.{HAIKU}", True),
        ("us-east-1", f"apac.{HAIKU}", False),
        ("ap-southeast-2", f"au.{HAIKU}", True),
        ("sa-east-1", f"global.{HAIKU}", True),
        ("sa-east-1", HAIKU, True),
    ],
)
def test_a_profile_of_another_geography_is_refused(app: Make, region: str, model: str, good: bool):
    """Only what contradicts clearly: AWS alone knows which region offers which model."""
    text = f"app: shop\nregion: {region}\n" + API + f"models: {{writer: '{model}'}}"
    if good:
        assert app(text).models["writer"].model_id == HAIKU
        return
    with pytest.raises(AppFileError) as raised:
        app(text)
    (problem,) = raised.value.problems
    assert (problem.code, problem.key) == ("appfile-choice", "models.writer.bedrock")


@pytest.mark.parametrize("text", ["haiku", "us..x", "anthropic.Claude", "${a.b}", "a.b c"])
def test_what_is_no_id_is_refused(app: Make, text: str):
    """A model's ID has its provider, a dot, and its name in lower case."""
    with pytest.raises(AppFileError):
        app(HEAD + API + f"models: {{writer: '{text}'}}")


def test_tokens_are_priced_by_the_model(app: Make):
    """A profile of one geography has a price of its own where AWS has one."""
    use = Traffic(tokens_in=10, tokens_out=2)

    def paid(model: str) -> dict[str, float]:
        found = cost.estimate(app(HEAD + API + f"models: {{writer: '{model}'}}"), use)
        return {line.item: line.monthly for line in found.lines if line.noun == "models.writer"}

    assert paid(HAIKU) == {"input tokens": 10.0, "output tokens": 10.0}
    assert paid(f"us.{HAIKU}") == {"input tokens": 11.0, "output tokens": 11.0}
    assert paid("amazon.titan-embed-text-v2:0") == {"input tokens": 0.2}
    unknown = cost.estimate(app(HEAD + API + "models: {writer: 'new.model-v1:0'}"), use)
    assert {line.status for line in unknown.lines if line.noun == "models.writer"} == {
        "no price known"
    }


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (HAIKU, "claude-haiku-4.5"),
        ("anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
        ("amazon.nova-lite-v1:0", "nova-lite"),
        ("amazon.nova-pro-v1:0:300k", "nova-pro"),
        ("amazon.titan-embed-text-v1", "titan-embed-v1"),
        ("amazon.titan-embed-text-v2:0", "titan-embed-v2"),
    ],
)
def test_versions_of_a_model_have_one_price(model: str, key: str):
    """Date, version and window of an ID are not part of its price's key."""
    assert price_key(model) == key


def test_without_another_way_out_bedrock_has_an_endpoint(app: Make):
    """`outbound: endpoints` reaches Bedrock where a service uses a model."""
    text = HEAD + "network: {outbound: endpoints}\n" + API + f"models: {{writer: '{HAIKU}'}}"
    made = graph(app(text))
    assert ("aws_vpc_endpoint", "bedrock-runtime") in made.by_address
