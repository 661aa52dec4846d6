"""Terraform and the AWS provider on this machine: which program, which plugins."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seatrial.engine import process
from seatrial.errors import Problem, UsageError, UserError

REGISTRY_SUFFIX = ("registry.terraform.io", "hashicorp", "aws")
OLDEST = (1, 11)
CHOICE, CHOICES = "SEATRIAL_PROVIDER", ("quick", "stock")
# Where a filesystem mirror may stand: Terraform's implied local mirrors (its documentation,
# "Implied local mirror directories"), then one level below the usual places for shared software.
_PLACES = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
_PARENTS = ("/opt", "/usr/local/share", "/usr/share", "/usr/lib", "/var/lib", "/srv")


@dataclass(frozen=True)
class Program:
    """Terraform or OpenTofu."""

    path: str
    version: tuple[int, ...]


@cache
def terraform() -> Program:
    """Find Terraform or OpenTofu, new enough; raises UserError that says how to get it."""
    for name in ("terraform", "tofu"):
        if path := shutil.which(name):
            version = _version(path)
            if version >= OLDEST:
                return Program(path, version)
            raise UserError.of(
                "terraform-old",
                f"{name} {'.'.join(map(str, version))} is too old",
                "Install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install",
            )
    raise UserError.of(
        "terraform-missing",
        "neither `terraform` nor `tofu` is on PATH",
        "Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install) or "
        "OpenTofu 1.11 or newer (https://opentofu.org/docs/intro/install).",
    )


def _version(path: str) -> tuple[int, ...]:
    quiet = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    quiet.pop("TF_CLI_CONFIG_FILE", None)
    found = process.run([path, "version"], environment=quiet)
    match = re.search(r"v(\d+)\.(\d+)\.(\d+)", found.stdout)
    return tuple(map(int, match.groups())) if match else (0,)


def choice() -> str:
    """Return which provider the user asked for, ``quick`` or ``stock``; empty where none.

    Raises UsageError for another word.
    """
    found = os.environ.get(CHOICE, "")
    if found and found not in CHOICES:
        raise UsageError(
            Problem(
                "usage-provider",
                f"{CHOICE} is `{found}`",
                f"Set it to one of: {', '.join(CHOICES)}; or unset it.",
            )
        )
    return found


@cache
def mirror() -> Path | None:
    """Return a filesystem mirror that holds the AWS provider, or None."""
    configured = os.environ.get("SEATRIAL_PROVIDER_MIRROR")
    places = [Path(p).expanduser() for p in ((configured,) if configured else _PLACES)]
    for parent in () if configured else map(Path, _PARENTS):
        try:
            places += [p for p in sorted(parent.iterdir()) if p.is_dir()]
        except OSError:
            continue
    for place in places:
        folder = place.joinpath(*REGISTRY_SUFFIX)
        if folder.is_dir() and any(folder.glob("5.*")):
            return place
    return None


def plugin_cache() -> Path:
    """Return the folder that keeps downloaded providers: inside our own installation."""
    return Path(sys.prefix) / "share" / "seatrial" / "plugins"


def binary() -> Path | None:
    """Return the newest unpacked AWS provider 5 on this machine, or None."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    host = f"{sys.platform}_{machine}"
    found = [
        path
        for place in (mirror(), plugin_cache())
        if place
        for path in place.joinpath(*REGISTRY_SUFFIX).glob(f"5.*/{host}/terraform-provider-aws_v5*")
    ]
    return max(found, key=lambda path: _number(path.parent.parent.name), default=None)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def configuration(folder: Path) -> Path:
    """Write Terraform's command-line configuration for this machine and return its path."""
    file = folder / "terraform.rc"
    text = "disable_checkpoint = true\n"
    if place := mirror():
        text += (
            "provider_installation {\n  filesystem_mirror {\n"
            f'    path    = "{place}"\n    include = ["registry.terraform.io/*/*"]\n  }}\n'
            '  direct {\n    exclude = ["registry.terraform.io/hashicorp/aws"]\n  }\n}\n'
        )
    else:
        plugin_cache().mkdir(parents=True, exist_ok=True)
        text += f'plugin_cache_dir = "{plugin_cache()}"\n'
    file.write_text(text)
    return file


def environment(folder: Path, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which Terraform asks nothing and reaches what ``variables`` say.

    The machine's own AWS configuration holds where they name no endpoint; where they do, nothing
    of it may come in.
    """
    given = variables or {}
    dropped: tuple[str, ...] = ("TF_",)
    if not given or "AWS_ENDPOINT_URL" in given:
        dropped += ("AWS_",)
    if os.environ.get("AWS_ENDPOINT_URL", "").startswith("http:"):
        dropped += ("AWS_CA_BUNDLE",)  # the provider refuses it where there is no TLS
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return (
        inherited
        | dict(given)
        | {
            "TF_CLI_CONFIG_FILE": str(configuration(folder)),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }
    )


def ensure() -> str:
    """Make sure that the AWS provider is on this machine; return a sentence about it.

    Without a mirror it is downloaded once, by Terraform itself. Raises UserError.
    """
    program = terraform()
    version = ".".join(map(str, program.version))
    if found := binary():
        return f"Terraform {version} with the AWS provider {found.parent.parent.name}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = {"aws": {"source": "hashicorp/aws", "version": "~> 5.100"}}
        (folder / "main.tf.json").write_text(
            json.dumps({"terraform": {"required_providers": wanted}})
        )
        words = [program.path, "init", "-no-color"]
        done = process.run(words, folder=folder, environment=environment(folder))
    if done.returncode:
        raise UserError.of(
            "terraform-init",
            f"could not install the AWS provider:\n{done.stderr.strip()}",
            "Check the network, or name a filesystem mirror in SEATRIAL_PROVIDER_MIRROR.",
        )
    return f"Terraform {version}; the AWS provider was downloaded"


if __name__ == "__main__":
    try:
        print(ensure())
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
