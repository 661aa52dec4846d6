"""A model on Bedrock: nothing is made; the plan asks whether it exists, and its users are named.

The sources are read when Terraform plans, so that an ID that AWS does not know ends a deploy before
anything changes. A caller of a profile needs the profile and the model in each region that it
leads to; the condition keeps the model closed to any other way (Bedrock user guide,
"Prerequisites for inference profiles").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.model.alarms import Alarms
from seatrial.model.app import App
from seatrial.model.model import KIND, Model
from seatrial.model.service import Service, Use
from seatrial.resources import access
from seatrial.resources.context import Context
from seatrial.resources.graph import Ref, Resource
from seatrial.resources.kind import DATA, Alarm, Grant, Graphs, Node, ResourceKind, graphs

MODEL, PROFILE = "aws_bedrock_foundation_model", "aws_bedrock_inference_profile"
# Converse and ConverseStream need the actions of InvokeModel (service authorization reference).
INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")


def build(context: Context) -> Iterator[Resource]:
    """Yield the source that knows each model or profile."""
    for noun, model in sorted(context.app.models.items()):
        type_, key = _source(model)
        body = {key: model.bedrock}
        yield Resource(type_, noun, "foundation", f"models.{noun}", body, data=True)


def _source(model: Model) -> tuple[str, str]:
    """Return the type of a model's data source, and the argument that is its ID."""
    return (PROFILE, "inference_profile_id") if model.geography else (MODEL, "model_id")


def _grants(context: Context, _: Service, use: Use) -> Iterator[Grant]:
    model = context.app.models[use.name]
    yield Grant("task", f"{use.name}_invoke", tuple(statements(use.name, model)))


def statements(noun: str, model: Model) -> Iterator[dict[str, Any]]:
    """Yield what whoever invokes a model must be allowed."""
    if not model.geography:
        yield access.allow(INVOKE, Ref(MODEL, noun, "model_arn"), sid="Model")
        return
    profile = Ref(PROFILE, noun, "inference_profile_arn")
    yield access.allow(INVOKE, profile, sid="Profile")
    anywhere = f"arn:aws:bedrock:*::foundation-model/{model.model_id}"
    through = {"ArnEquals": {"bedrock:InferenceProfileArn": profile}}
    yield access.allow(INVOKE, anywhere, sid="Model") | {"Condition": through}


def _alarms(context: Context, _alarms: Alarms, name: str) -> Iterator[Alarm]:
    dimensions = {"ModelId": context.app.models[name].bedrock}
    for short, metric, words in (
        ("throttled", "InvocationThrottles", "calls of the model are throttled"),
        ("failing", "InvocationServerErrors", "calls of the model fail"),
    ):
        yield Alarm(
            noun=f"models.{name}",
            name=short,
            namespace="AWS/Bedrock",
            metric=metric,
            dimensions=dimensions,
            statistic="Sum",
            threshold=5,
            words=f"{name}: {words}",
            root="foundation",
        )


def _graphs(context: Context, name: str) -> Graphs:
    at = ["ModelId", context.app.models[name].bedrock]
    metrics = ("Invocations", "InvocationLatency", "InputTokenCount", "OutputTokenCount")
    return graphs(name, "AWS/Bedrock", at, metrics)


def _nodes(app: App) -> Iterator[Node]:
    for name, model in sorted(app.models.items()):
        yield Node(name, "data", DATA, name, f"model {model.model_id.partition(':')[0]}")


RESOURCES = ResourceKind(
    of=KIND,
    build=build,
    attribute=lambda context, noun, _: context.app.models[noun].bedrock,
    grants=_grants,
    alarms=_alarms,
    graphs=_graphs,
    nodes=_nodes,
    endpoints=("bedrock-runtime",),
)
