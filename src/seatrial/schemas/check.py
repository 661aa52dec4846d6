"""The literals of a graph against AWS's schemas, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from seatrial.errors import Place, Problem, UserError
from seatrial.resources.graph import Graph, Resource
from seatrial.schemas import facts, store
from seatrial.schemas.judge import Judge, Violation
from seatrial.schemas.mapping import MAPPINGS, Mapping
from seatrial.schemas.translate import Translated, Translation


def problems(graph: Graph, file: str = "") -> list[Problem]:
    """Return a problem for each literal that AWS would refuse, at its noun; ``file`` is named."""
    return [
        _problem(resource, violation, place, file)
        for resource in graph.resources
        if not resource.data
        for violation, place in _violations(resource, graph.region)
    ]


def refuse(graph: Graph) -> None:
    """Raise UserError with all of a graph's problems, where it has some."""
    if found := problems(graph):
        raise UserError(*found)


def translated(resource: Resource, region: str) -> Translated | None:
    """Return a resource in CloudFormation's words; None for one that it does not have."""
    mapping = MAPPINGS.get(resource.type)
    if mapping is None:
        return None
    return Translation(_judge(resource.type, region), mapping.names).of(
        resource.body, mapping.under
    )


@cache
def _judge(type_: str, region: str) -> Judge:
    mapping = MAPPINGS[type_]
    root = store.schema(mapping.type, region) or store.schema(mapping.type, store.ANYWHERE) or {}
    return Judge(root, mapping.prefixes)


def _violations(resource: Resource, region: str) -> Iterator[tuple[Violation, str]]:
    """Yield what is wrong, each with Terraform's name of the argument."""
    made = translated(resource, region)
    if made is None:
        return
    judge, mapping = _judge(resource.type, region), MAPPINGS[resource.type]
    found = judge.violations(judge.root, made.properties)
    for fact in facts.of(mapping.type):
        found += judge.violations(fact, made.properties)
    for path, file in mapping.extensions:
        found += _extended(judge, made, region, (path, file))
    for violation in dict.fromkeys(found):
        yield violation, _argument(made, violation.path)


def _extended(
    judge: Judge, made: Translated, region: str, extension: tuple[str, str]
) -> list[Violation]:
    """Return what one of cfn-lint's extensions finds wrong at the property that it is about."""
    path, file = extension
    schema = store.extension(file, region)
    value = made.properties if not path else made.properties.get(path)
    if schema is None or value is None:
        return []
    return judge.violations(schema, value, (path,) if path else ())


def _argument(made: Translated, path: tuple[str, ...]) -> str:
    """Return the argument that a property came from: the nearest that is known."""
    plain = tuple(part for part in path if not part.isdigit())
    for end in range(len(plain), 0, -1):
        if found := made.places.get(plain[:end]):
            return found
    return ".".join(path)


def _problem(resource: Resource, violation: Violation, argument: str, file: str) -> Problem:
    mapping: Mapping = MAPPINGS[resource.type]
    place = Place(file, resource.line, 1) if file and resource.line else None
    return Problem(
        "terraform-literal",
        f"AWS would refuse {'.'.join(resource.address)}: `{argument}` is `{violation.value}`, and "
        f"{violation.rule} ({mapping.type}, {'.'.join(violation.path)})",
        "Change what the app file says there, or the patch under `terraform:`.",
        resource.noun,
        place,
    )
