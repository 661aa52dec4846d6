"""Outputs: what each noun is reached by, from the states, and never a secret's value."""

from __future__ import annotations

from helpers import EXAMPLES
from seatrial.appfile import load
from seatrial.ops import outputs
from seatrial.resources.catalog import KINDS
from seatrial.resources.context import Context


def _of(noun: str, attributes: outputs.Attributes) -> dict[str, str]:
    app = load.app_for(load.read(EXAMPLES / "notes" / "seatrial.yml"), "dev")
    (kind,) = [kind for kind in KINDS if noun in kind.of.names(app)]
    return outputs.noun(Context(app), kind, noun, attributes)


def test_a_database_has_an_address_and_no_password():
    """Host, port, name, user and the secret's ARN are there; URL and password are not."""
    deployed = {
        ("aws_db_instance", "db"): {"address": "db.example", "password": "hidden"},
        ("aws_secretsmanager_secret", "db"): {"arn": "arn:secret"},
    }
    found = _of("db", deployed)
    assert found["host"] == "db.example"
    assert found["port"].isdigit()
    assert not {"password", "url"} & found.keys()
    assert "hidden" not in str(found)


def test_what_is_not_deployed_has_no_output():
    """A bucket that no state knows has none; one that is deployed has its name."""
    assert _of("exports", {}) == {}
    known = {("aws_s3_bucket", "exports"): {"bucket": "b", "arn": "arn:b"}}
    assert _of("exports", known) == {"name": "b", "arn": "arn:b"}


def test_a_worker_has_no_address():
    """A service without a public path, which no other calls, has none."""
    edge = {("aws_cloudfront_distribution", "main"): {"domain_name": "d.example"}}
    assert _of("api", edge) == {"url": "https://d.example"}
    assert _of("worker", edge) == {}
