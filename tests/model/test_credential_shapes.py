"""Credentials in an app file are found by their shape and by their name; settings are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.appfile import load
from seatrial.errors import UserError
from seatrial.model import credential

# Made up, and put together here so that scanners of this repository see no key.
LETTERS = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"
HEX = "0123456789abcdef" * 4
FOUND = [
    ("AWS", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("Stripe", "sk_" + f"live_{LETTERS[:24]}"),
    ("Stripe", "rk_" + f"test_{LETTERS[:24]}"),
    ("Stripe webhook", "whsec" + f"_{LETTERS[:32]}"),
    ("Anthropic", "sk-" + f"ant-api03-{LETTERS}"),
    ("OpenAI", "sk-" + f"proj-{LETTERS}"),
    ("Slack token", "xoxb" + "-123456789012-abcdefghijkl"),
    ("Slack webhook", "https://hooks.slack" + f".com/services/T0/B0/{LETTERS[:24]}"),
    ("SendGrid", "SG" + f".{LETTERS[:22]}.{LETTERS}"),
    ("Google API", "AIza" + LETTERS[:35]),
    ("Google OAuth", "GOCSPX" + f"-{LETTERS[:28]}"),
    ("service account", '{"type": "service' + '_account", "project_id": "p"}'),
    ("Azure connection", f"DefaultEndpointsProtocol=https;AccountKey={LETTERS}{LETTERS}=="),
    ("Azure shared", f"https://a.blob.core.windows.net/c?sv=1&sig={LETTERS}%3D"),
    ("GitHub", "ghp" + f"_{LETTERS[:36]}"),
    ("GitLab", "glpat" + f"-{LETTERS[:20]}"),
    ("npm", "npm" + f"_{LETTERS[:36]}"),
    ("PyPI", "pypi" + f"-AgEIcHlwaS5vcmc{LETTERS}"),
    ("Docker", "dckr_pat" + f"_{LETTERS[:27]}"),
    ("Hugging Face", "hf" + f"_{LETTERS[:34]}"),
    ("Twilio", "SK" + HEX[:32]),
    ("Mailgun", "key-" + HEX[:32]),
    ("Telegram", f"123456789:{LETTERS[:35]}"),
    ("DigitalOcean", "dop_v1" + f"_{HEX}"),
    ("Vault", "hvs" + f".{LETTERS[:24]}"),
    ("private key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----"),
    ("signed token", f"eyJ{LETTERS[:20]}.{LETTERS[:20]}.{LETTERS[:20]}"),
    ("Authorization", f"Bearer {LETTERS}"),
    ("address with a password", "postgres://app:p/w:rd@db.example:5432/app"),
    ("address with a password", "redis://:secret@cache:6379"),
    ("connection string", "host=db user=app password=s3cret dbname=app"),
]
BY_NAME = [
    ("PGPASSWORD", "hunter22"),
    ("MYSQL_PWD", "hunter22"),
    ("DB_PASS", "hunter22"),
    ("dbPassword", "hunter22"),
    ("JWT_KEY", "abcdefgh"),
    ("SECRET_KEY_BASE", "abcdefgh"),
    ("apiKey", "abcdefgh"),
    ("STORAGE_ACCOUNT_KEY", "abcdefgh"),
    ("WEBHOOK_SECRET", "abcdefgh"),
]
SETTINGS = [
    ("AUTH_TOKEN", "disabled"),
    ("REFRESH_TOKEN", "30d"),
    ("ACCESS_TOKEN", "15 minutes"),
    ("CSRF_TOKEN", "required"),
    ("DB_PASSWORD", ""),
    ("SECRET", "/run/secrets/x"),
    ("TOKEN_URL", "https://login.example/oauth/token"),
    ("AUTH_TOKEN", "https://login.example:8443/oauth/token"),
    ("ORIGIN", "https://host:8080/@name"),
    ("LANG", "en_US.UTF-8"),
    ("KEY_PREFIX", "app:"),
    ("PASSES", "3"),
    ("PASSWORD_MIN_LENGTH", "12"),
    ("MONKEY", "chimpanzee"),
    ("TOKENIZERS_PARALLELISM", "false"),
    ("IMAGE", "public.ecr.aws/nginx/nginx@sha256:" + HEX),
]


@pytest.mark.parametrize(("what", "value"), FOUND)
def test_a_credential_is_known_by_its_shape(what: str, value: str):
    """Under any name: who made it is said, so that it can be replaced there."""
    assert what in (credential.kind("X", value) or ""), value
    assert credential.kind("X", f"prefix {value} suffix")


@pytest.mark.parametrize(("name", "value"), BY_NAME)
def test_a_credential_is_known_by_its_name(name: str, value: str):
    """Names as drivers and frameworks read them."""
    assert credential.kind(name, value) == "a secret, by its name"


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_a_setting_is_none(name: str, value: str):
    """A word, a duration, a path or an address under such a name is a setting."""
    assert credential.kind(name, value) is None


STRIPE = "sk_" + f"live_{LETTERS[:24]}"
PLACES = {
    "services.web.env.PAY": f"services: {{web: {{build: ., port: 80, env: {{PAY: {STRIPE}}}}}}}",
    "services.web.command.1": "services: {web: {build: ., port: 80, command: "
    f"[run, {STRIPE}]}}}}",
    "tags.note": f"tags: {{note: {STRIPE}}}",
    "trial.requests.0.headers.authorization": "trial: {requests: [{path: /, headers: "
    f"{{authorization: {STRIPE}}}}}]}}",
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_the_app_file_is_looked_at(tmp_path: Path, place: str):
    """Not only `env`: commands, tags, a trial's headers; the value is never repeated."""
    (tmp_path / "requirements.txt").write_text("")
    file = tmp_path / "seatrial.yml"
    file.write_text(f"app: shapes\nregion: us-east-1\n{PLACES[place]}\n")
    with pytest.raises(UserError) as raised:
        load.app_for(load.read(file), "dev")
    said = str(raised.value)
    assert "a Stripe key" in said
    assert STRIPE not in said
    assert place in [problem.key for problem in raised.value.problems]
