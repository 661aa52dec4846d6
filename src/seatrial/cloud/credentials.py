"""The machine's AWS credentials as Terraform takes them, whatever login boto3 knows.

Terraform's provider and its S3 backend know fewer logins than boto3: not `aws login`, for one. They
are given a profile whose ``credential_process`` is this module, run as a program. It prints what
boto3 finds, and is run again when that has expired: long applies outlive short tokens.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

PROFILE = "seatrial"
# What leads boto3 to a login; the program below gets their values, for Terraform has others.
_LEADING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)
# boto3's methods that Terraform knows by the environment alone, and renews: static keys, a web
# identity, a task's role, an instance's role.
_SHARED = ("env", "assume-role-with-web-identity", "container-role", "iam-role")
# Settings of the user's profile that hold for Terraform's calls as well.
_SETTINGS = (
    "ca_bundle",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "sts_regional_endpoints",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
)


def variables(folder: Path) -> dict[str, str]:
    """Return what leads Terraform to the credentials that boto3 finds; nothing where it knows them.

    ``folder`` gets two files without any secret in them, and must outlive Terraform.
    """
    found = boto3.Session().get_credentials()
    if found is None or found.method in _SHARED:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    config, nothing = folder / "login.config", folder / "login.credentials"
    lines = [f"[profile {PROFILE}]", f"credential_process = {_command()}"]
    lines += [f"{key} = {value}" for key, value in _settings().items()]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    nothing.touch()
    return {
        "AWS_PROFILE": PROFILE,
        "AWS_CONFIG_FILE": str(config.absolute()),
        "AWS_SHARED_CREDENTIALS_FILE": str(nothing.absolute()),
    }


def _command() -> str:
    """Return the command of the profile; the files that it names are absolute."""
    words = [sys.executable, "-m", "seatrial.cloud.credentials"]
    for name in _LEADING:
        if value := os.environ.get(name):
            text = os.path.abspath(os.path.expanduser(value)) if name.endswith("_FILE") else value
            words.append(f"{name}={text}")
    return shlex.join(words)


def _settings() -> Mapping[str, str]:
    scoped = get_session().get_scoped_config()
    return {key: str(scoped[key]) for key in _SETTINGS if key in scoped}


def document() -> dict[str, Any]:
    """Return the machine's credentials as a ``credential_process`` prints them (AWS SDKs and Tools
    Reference Guide, "Process credential provider").
    """
    found = boto3.Session().get_credentials()
    if found is None:
        raise SystemExit("no AWS credentials: log in to AWS again")
    keys = found.get_frozen_credentials()
    row = {"Version": 1, "AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key}
    if keys.token:
        row["SessionToken"] = keys.token
    if expires := getattr(found, "_expiry_time", None):
        row["Expiration"] = expires.isoformat()
    return row


def main(given: list[str]) -> None:
    """Print the credentials to which the given variables lead, and no others."""
    for name in _LEADING:
        os.environ.pop(name, None)
    os.environ |= dict(word.split("=", 1) for word in given)
    try:
        print(json.dumps(document()))
    except (BotoCoreError, ClientError) as error:
        raise SystemExit(f"no AWS credentials: {error}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
