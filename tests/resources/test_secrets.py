"""Secrets that exist already: found, granted and injected, and never made, set or billed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphs import HEAD, refused
from seatrial.cost.case import Traffic
from seatrial.errors import AppFileError
from seatrial.model.app import App
from seatrial.model.secret import Secret, key_variables
from seatrial.ops import cost
from seatrial.ops.policy.scopes import Place
from seatrial.resources.catalog import graph
from seatrial.resources.context import ACCOUNT
from seatrial.resources.graph import Graph, Ref, joined
from seatrial.terraform import document

Make = Callable[..., App]
ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:team/stripe-a1B2c3"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-0000-4000-8000-000000000000"
API = "services: {api: {build: ./api, command: run, uses: [stripe, dsn], env: {%s}}}\n"
SECRETS = (
    f"secrets: {{stripe: {{arn: '{ARN}', keys: {{api-key: STRIPE_KEY, hook: ''}}, kms: '{KEY}'}},"
    " dsn: {parameter: /shop/dsn}}\n"
)


WITH_DATABASE = "services: {api: {build: ./api, command: run, uses: [db, key], env: {%s}}}\n"
WITH_DATABASE += "secrets: {key: {generate: 20}}\n"
ADDRESS = "postgresql+psycopg://${db.user}:${db.password}@${db.host}:${db.port}/${db.name}"


def injected(made: Graph) -> dict[str, Any]:
    """Return the variables that ECS reads from secrets."""
    body = made.by_address["aws_ecs_task_definition", "api"].body
    rows = body["container_definitions"].value[0]["secrets"]
    return {row["name"]: row["valueFrom"] for row in rows}


def test_existing_secrets_are_found_and_granted_but_not_made(app: Make):
    """A data source finds the secret; the execution role may read it, decrypt it, and read the
    parameter, and no container is made for either.
    """
    made = graph(app(HEAD + API % "" + SECRETS))
    assert not [r for r in made.resources if r.type == "aws_secretsmanager_secret" and not r.data]
    source = document.documents(made)["foundation"]["data"]["aws_secretsmanager_secret"]
    assert source == {"stripe_found": {"arn": ARN}}
    arn = Ref("aws_secretsmanager_secret", "stripe_found", "arn")
    parameter = joined("arn:aws:ssm:us-east-1:", ACCOUNT, ":parameter/shop/dsn")
    assert injected(made) == {
        "STRIPE_KEY": joined(arn, ":api-key::"),
        "STRIPE_HOOK": joined(arn, ":hook::"),
        "DSN": parameter,
    }
    of_stripe, of_dsn = (
        made.by_address["aws_iam_role_policy", f"api_execution_{noun}"].body["policy"].value
        for noun in ("stripe", "dsn")
    )
    rows = [(row["Action"], row["Resource"]) for row in of_stripe["Statement"]]
    assert rows == [("secretsmanager:GetSecretValue", [arn]), ("kms:Decrypt", [KEY])]
    assert [(r["Action"], r["Resource"]) for r in of_dsn["Statement"]] == [
        ("ssm:GetParameters", [parameter])
    ]


def test_existing_secrets_cost_nothing_and_whoever_deploys_may_look_at_them(app: Make):
    """They are on somebody's bill already; the deployer's policy names them one by one."""
    with_them = app(HEAD + API % "" + SECRETS)
    lines = cost.estimate(with_them, Traffic()).lines
    assert "secret" not in {line.item for line in lines}
    place = Place(with_them, "123456789012")
    assert ARN in (place.arns("secretsmanager") or [])
    assert place.arns("ssm") == ["arn:aws:ssm:us-east-1:123456789012:parameter/shop/dsn"]


def test_without_a_way_out_parameter_store_has_an_endpoint(app: Make):
    """ECS fetches parameters through the task's own network interface."""
    made = graph(app(HEAD + API % "" + SECRETS + "network: {outbound: endpoints}\n"))
    assert ("aws_vpc_endpoint", "ssm") in made.by_address


@pytest.mark.parametrize(
    "secret",
    [
        f"{{arn: '{ARN}', generate: 20}}",
        f"{{arn: '{ARN}', parameter: /shop/dsn}}",
        f"{{arn: '{ARN.replace('us-east-1', 'eu-west-1')}'}}",
        "{parameter: /shop/dsn, keys: [a]}",
        f"{{kms: '{KEY}'}}",
    ],
)
def test_a_secret_that_contradicts_itself_is_refused(app: Make, secret: str):
    """One value has one source, in the app's region; a parameter is taken whole."""
    text = "services: {api: {build: ./api, command: run}}\n"
    assert refused(app, HEAD + text + f"secrets: {{x: {secret}}}") == ["appfile-secret"]


def test_keys_are_a_list_or_a_map_and_stood_as_a_list_in_older_records():
    """A list gives every key the default; the record of an older release still reads."""
    assert Secret.model_validate({"keys": ["jwt"]}) == Secret(keys={"jwt": ""})
    assert key_variables("tokens", {"jwt": "", "a.b": "", "c": "C"}) == {
        "jwt": "TOKENS_JWT",
        "a.b": "TOKENS_A_B",
        "c": "C",
    }


def test_a_setting_that_uses_gives_may_be_said_otherwise_and_an_address_may_not(app: Make):
    """`DB_SSLMODE` is the app's to choose; `DB_HOST` would lead elsewhere, which a reference says
    under another name.
    """
    text = WITH_DATABASE + "databases: {db: postgres}\n"
    body = (
        graph(app(HEAD + text % "DB_SSLMODE: verify-full"))
        .by_address["aws_ecs_task_definition", "api"]
        .body
    )
    rows = body["container_definitions"].value[0]["environment"]
    assert {"name": "DB_SSLMODE", "value": "verify-full"} in rows
    with pytest.raises(AppFileError, match="DB_SERVER") as raised:
        app(HEAD + text % "DB_HOST: localhost")
    assert [problem.code for problem in raised.value.problems] == ["appfile-variable-clash"]


def test_a_text_with_a_secret_inside_is_kept_in_a_secret_of_the_services_own(app: Make):
    """It is injected by a key that its template names, and stands in no task definition; who may
    read the secret is the service's execution role.
    """
    text = WITH_DATABASE + "databases: {db: postgres}\n"
    made = graph(app(HEAD + text % f"DATABASE_URL: '{ADDRESS}'"))
    container = made.by_address["aws_secretsmanager_secret", "api_env"]
    assert container.body["name"] == "shop/dev/api/env"
    where = injected(made)["DATABASE_URL"]
    assert where.parts[0] == Ref("aws_secretsmanager_secret", "api_env", "arn")
    assert where.parts[1].startswith(":DATABASE_URL-")
    other = graph(app(HEAD + text % f"DATABASE_URL: '{ADDRESS}?x=1'"))
    assert injected(other)["DATABASE_URL"] != where
    grant = made.by_address["aws_iam_role_policy", "api_execution_env"].body["policy"].value
    assert grant["Statement"][0]["Resource"] == [container.ref("arn")]


@pytest.mark.parametrize(
    "text", ["x${key.value}-${files.name}", "${key.value}@${app.url}", "a${there.value}"]
)
def test_what_is_not_known_when_texts_are_put_together_is_refused(app: Make, text: str):
    """Beside a secret stand a database's attributes and the app's own secrets, nothing else."""
    head = HEAD + WITH_DATABASE.replace("[db, key]", "[key, files, there]") % f"X: '{text}'"
    head = head.replace("secrets: {", "secrets: {there: {parameter: /a}, ")
    assert refused(app, head + "buckets: {files: {}}\n") == ["appfile-reference"]
