"""A credential in ``env`` would stand in plain text in the task definition: refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding
from seatrial.model.reference import references

# Shapes of real credentials. A *name* alone is suspicious only with a value that is no
# reference and looks random or is not obviously a setting.
SHAPES = (
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"), "an OpenAI key"),
    (re.compile(r"\b(ghp|gho|ghs|ghu)_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}"), "a GitHub token"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"), "a Slack token"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:[^\s:/@]+@"), "an address with a password"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"), "a signed token"),
    (re.compile(r"\bhf_[A-Za-z0-9]{20,}"), "a Hugging Face token"),
)
_SECRET_NAME = re.compile(
    r"(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|"
    r"SECRET_KEY|SIGNING_KEY|ENCRYPTION_KEY)$"
)
_HARMLESS = re.compile(r"(?i)|true|false|yes|no|on|off|none|\d{1,6}|/[\w./-]*")


def kind_of_credential(name: str, value: str) -> str | None:
    """Return what the value of an environment variable looks like, or None."""
    for shape, what in SHAPES:
        if shape.search(value):
            return what
    if _SECRET_NAME.search(name.upper()) and not _HARMLESS.fullmatch(value):
        return "a secret, by its name"
    return None


def check(app: App) -> Iterator[Finding]:
    """Yield plain variables that look like credentials; the value itself is never shown."""
    for name, service in app.services.items():
        for key, value in service.env.items():
            if references(value):
                value = re.sub(r"\$\{[^}]*\}", "", value)
                found = next((what for shape, what in SHAPES if shape.search(value)), None)
            else:
                found = kind_of_credential(key, value)
            if found:
                noun = key.lower().replace("_", "-").strip("-")
                yield Finding(
                    "appfile-credential",
                    ("services", name, "env", key),
                    f"`{key}` looks like {found}; everyone who can view the task can read it",
                    f"Make it a secret: `secrets: {{{noun}: by-hand}}`, `uses: [{noun}]`, then "
                    f"`seatrial secret set {noun}`; it arrives as `{key}`.",
                )
