"""Where AWS's limits end, and patches of documents inside resources."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers import EXAMPLES
from seatrial.appfile import load
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.resources import provider_types
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Expr, Graph, Json, union
from seatrial.terraform import document

Make = Callable[..., App]
HEAD = "app: workspace-platform\nregion: eu-west-2\n"
NAMES = [f"third-party-service-credential-{n}" for n in range(200)]


def with_secrets(app: Make, names: list[str]) -> Graph:
    """Return an app whose service uses secrets."""
    secrets = "".join(f"  {name}: by-hand\n" for name in names)
    service = f"services: {{web: {{build: ./api, command: x, uses: [{', '.join(names)}]}}}}\n"
    return graph(app(f"{HEAD}{service}secrets:\n{secrets}"))


def policies(made: Graph) -> dict[str, str]:
    """Return the execution role's policies as IAM counts them, with every ARN at its length."""
    arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:%s-abcdef"
    base = "workspace-platform/dev/"
    found = {}
    for resource in made.resources:
        if resource.type == "aws_iam_role_policy" and "_execution_" in resource.name:
            found[resource.name] = json.dumps(
                resource.body["policy"].value,
                default=lambda r: arn % (base + getattr(r, "name", "x" * 30)),
                separators=(",", ":"),
            )
    return found


def test_sixty_secrets_fit_one_role(app: Make):
    """All of them are granted, in a few policies that IAM takes together."""
    found = policies(with_secrets(app, NAMES[:60]))
    assert sum(map(len, found.values())) <= 10_240
    assert all(f"/{name}-" in " ".join(found.values()) for name in NAMES[:60])


def test_one_more_secret_still_fits_beside_what_serves(app: Make):
    """While a release goes on the grants of both are there: they are granted, and fit together."""
    before, after = with_secrets(app, NAMES[:60]), with_secrets(app, NAMES[1:61])
    both = policies(union(before, after))
    assert sum(map(len, both.values())) <= 10_240
    assert all(f"/{name}-" in " ".join(both.values()) for name in NAMES[:61])


def test_a_few_secrets_have_a_policy_each(app: Make):
    """As long as they are few, each grant is a resource that a plan names by its secret."""
    assert "web_execution_third-party-service-credential-1" in policies(
        with_secrets(app, NAMES[:3])
    )


def test_more_secrets_than_a_role_takes_are_refused(app: Make):
    """With the size, IAM's limit, and what would be shorter."""
    with pytest.raises(UserError) as error:
        with_secrets(app, NAMES)
    problem = error.value.problems[0]
    assert problem.code == "appfile-grants"
    assert "IAM takes 10,240" in problem.message
    assert "one secret" in str(problem.fix)


SERVICE = "services: {web: {build: ./api, command: x, port: 8000, public: /}}\n"
PATCH = "terraform: {patches: {aws_ecs_task_definition.web: {container_definitions: %s}}}\n"


def container(app: Make, patch: str) -> list[dict[str, Any]]:
    """Return the containers of a task definition after a patch."""
    made = graph(app(HEAD + SERVICE + PATCH % patch))
    found = made.by_address[("aws_ecs_task_definition", "web")].body["container_definitions"]
    rows: list[dict[str, Any]] = found.value
    return rows


def test_a_patch_of_a_container_keeps_its_image(app: Make):
    """What the patch does not name stays, references included; `${` of the patch stays text."""
    image = Expr('var.images["api"]')
    patch = '{readonlyRootFilesystem: false, user: "1000", dockerLabels: {a: "${var.x}"}}'
    [found] = container(app, patch)
    assert (found["image"], found["readonlyRootFilesystem"], found["user"]) == (
        image,
        False,
        "1000",
    )
    first, second = container(app, "[{name: web, cpu: 3}, {name: proxy, image: envoy}]")
    assert (first["cpu"], first["image"], second["name"]) == (3, image, "proxy")
    made = document.documents(graph(app(HEAD + SERVICE + PATCH % patch)))["release"]["resource"]
    text = made["aws_ecs_task_definition"]["web"]["container_definitions"]
    assert '"image": "${var.images["api"]}"' in text
    assert '"a": "$${var.x}"' in text


def test_a_text_in_place_of_a_document_is_refused(app: Make):
    """It would replace the image's reference by text that is not evaluated."""
    with pytest.raises(UserError, match="JSON document"):
        container(app, "'[]'")


@pytest.mark.parametrize("example", ["notes", "shop", "model-registry"])
def test_every_document_of_the_examples_can_be_patched(example: str):
    """Each argument that holds JSON is known as one, so that a patch of it is merged."""
    made = graph(load.app_for(load.read(EXAMPLES / example / "seatrial.yml"), "production"))
    held = {k for r in made.resources for k, v in r.body.items() if isinstance(v, Json)}
    assert held <= set(provider_types.DOCUMENTS)


def test_tasks_reach_the_internet_at_the_ports_that_are_named(app: Make):
    """HTTPS always, others by a rule each; none where nothing leads out, and never port 25."""

    def ports(text: str) -> set[int]:
        made = graph(app(HEAD + SERVICE + text))
        rules = [r for r in made.resources if r.name.startswith("web_to_internet")]
        assert {r.body["cidr_ipv4"] for r in rules} == {"0.0.0.0/0"}
        return {r.body["from_port"] for r in rules}

    assert ports("") == {443}
    assert ports("network: {ports: [587, 443, 27017]}\n") == {443, 587, 27017}
    place = SERVICE.replace("port: 8000", "port: 8000, reach: [%s]")
    made = graph(app(HEAD + place % "b.example.com:587, a.example.com:587, c.example.com:443"))
    rules = {r.name: r.body["description"] for r in made.resources if "_to_internet" in r.name}
    assert rules == {
        "web_to_internet": "HTTPS out to c.example.com",
        "web_to_internet_587": "TCP 587 out to a.example.com, b.example.com",
    }
    for wrong in ("a.example.com:25", "a.example.com:99999", "10.0.0.1:587", "a.example.com"):
        with pytest.raises(UserError):
            app(HEAD + place % wrong)
    with pytest.raises(UserError):
        app(HEAD + place % "a.example.com:587" + "network: {outbound: endpoints}\n")
    assert ports("network: {ports: [587]}\n") == {443, 587}
    for wrong in ("{ports: [25]}", "{outbound: endpoints, ports: [587]}"):
        with pytest.raises(UserError):
            app(HEAD + SERVICE + f"network: {wrong}\n")
