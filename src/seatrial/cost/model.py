"""A model: the tokens that go in and come out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.cost.case import Assumption, Case, Costs
from seatrial.cost.line import Line
from seatrial.resources.graph import Resource

IN = Assumption("tokens_in", 1, "million tokens of input, each model")
OUT = Assumption("tokens_out", 0.2, "million tokens of output, each model")
# `anthropic.claude-haiku-4-5-20251001-v1:0` is priced as `claude-haiku-4.5`.
_VERSION = re.compile(r"-(\d{8}-)?v\d+(:\d+)?(:\w+)?$")
_MINOR = re.compile(r"(\d)-(\d)(?=$|-)")
_EMBEDDING = {"titan-embed-text": "titan-embed"}


def price_key(model: str) -> str:
    """Return the part of a price's key that names a model."""
    name = model.split(".", 1)[1]
    found = _VERSION.search(name)
    version = found[0] if found else ""
    name = _MINOR.sub(r"\1.\2", name.removesuffix(version))
    for long, short in _EMBEDDING.items():
        if name == long:
            return short + re.sub(r"^-(v\d+).*", r"-\1", version)
    return name


def _model(case: Case, resource: Resource) -> Iterator[Line]:
    identifier = str(next(iter(resource.body.values())))
    geography, _, rest = identifier.partition(".")
    profiled = resource.type == "aws_bedrock_inference_profile"
    key = price_key(rest if profiled else identifier)
    # A profile of one geography costs a tenth more for some models: then it has a price of its own.
    own = f"bedrock.{geography}.{key}" if profiled else f"bedrock.{key}"
    stem = own if case.prices.find(f"{own}.in") else f"bedrock.{key}"
    yield case.line(resource, "input tokens", case.of(IN), f"{stem}.in")
    if "embed" not in key:
        yield case.line(resource, "output tokens", case.of(OUT), f"{stem}.out")


COSTS = Costs(
    section="models",
    rules={"aws_bedrock_foundation_model": _model, "aws_bedrock_inference_profile": _model},
    assumptions=(IN, OUT),
)
