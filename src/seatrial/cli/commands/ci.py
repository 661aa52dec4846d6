"""``seatrial ci``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial import __version__
from seatrial.cli.group import Suggesting
from seatrial.cli.options import app_path, env_option, file_option
from seatrial.errors import UsageError
from seatrial.ops.ci import checks, files

if TYPE_CHECKING:
    from seatrial.appfile.load import AppFile
    from seatrial.model.app import App
    from seatrial.ops.ci.role import Repository
    from seatrial.ops.ci.workflow import Host, Pipeline

GITHUB_PATH = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
GITLAB_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+")
branch_option = click.option(
    "--branch",
    metavar="BRANCH",
    default="main",
    show_default=True,
    help="What is pushed to this branch is deployed.",
)
gitlab_option = click.option("--gitlab", is_flag=True, help="For GitLab CI/CD on gitlab.com.")


@click.group(cls=Suggesting, invoke_without_command=True)
@click.option("--github", is_flag=True, help="For GitHub Actions; the default.")
@gitlab_option
@file_option
@env_option
@branch_option
@click.option("--print", "only_print", is_flag=True, help="Print the file; write nothing.")
@click.option("--force", is_flag=True, help="Replace the file also where it was edited.")
@click.pass_context
def command(
    context: click.Context,
    *,
    github: bool,
    gitlab: bool,
    file: str | None,
    env: str | None,
    branch: str,
    only_print: bool,
    force: bool,
) -> None:
    """Write the workflow of GitHub Actions, or GitLab's: check and trial, then deploy.

    A pull request is checked, tried without credentials, and planned. What is pushed to the branch
    is deployed by a role that `seatrial ci role` describes: no key is stored.
    """
    if context.invoked_subcommand:
        return
    from seatrial.ops.ci import workflow

    hosts: list[Host] = ["github"] if github or not gitlab else []
    hosts += ["gitlab"] if gitlab else []
    found, app, account = _app(file, env)
    root = files.root_of(found.folder)
    pipeline = _pipeline(found, app, account, branch)
    for host in hosts:
        text, path = workflow.text(pipeline, host), root / workflow.PATHS[host]
        if only_print:
            click.echo(text, nl=False)
            continue
        files.save(path, text, force=force)
        click.echo(f"wrote {path.relative_to(root)}")
    if not only_print:
        click.echo("next: seatrial ci role", err=True)


@command.command()
@gitlab_option
@file_option
@env_option
@branch_option
@click.option(
    "--repository",
    metavar="OWNER/NAME",
    required=True,
    help="The repository whose jobs may take the roles; GitLab's with all its groups.",
)
@click.option(
    "--ids",
    metavar="OWNER/NAME",
    default="",
    help="GitHub's numbers of both, in tokens of repositories that are newer than June 2026: "
    "`gh api repos/OWNER/NAME --jq '\"\\(.owner.id)/\\(.id)\"'`.",
)
@click.option(
    "--no-provider",
    is_flag=True,
    help="The account has the identity provider already, for another app.",
)
@click.option("--out", metavar="DIR", help="Write main.tf.json into this folder.")
def role(
    *,
    gitlab: bool,
    file: str | None,
    env: str | None,
    branch: str,
    repository: str,
    ids: str,
    no_provider: bool,
    out: str | None,
) -> None:
    """Print Terraform for the identity provider and the two roles that a CI takes.

    Apply it once, with credentials that may make roles.
    """
    from seatrial.ops.ci.role import document

    _, app, account = _app(file, env)
    where = _repository(repository, ids, branch, gitlab=gitlab)
    made = document(app, account, where, provider=not no_provider)
    text = json.dumps(made, indent=2) + "\n"
    if not out:
        click.echo(text, nl=False)
        return
    path = Path(out) / "main.tf.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(path)


def _app(file: str | None, env: str | None) -> tuple[AppFile, App, str]:
    """Return the app of the environment that is deployed, and its account."""
    from seatrial.appfile import load

    found = load.read(app_path(file))
    others = [name for name in found.environments if name != load.BASE]
    if not env and len(others) > 1:
        raise UsageError.of(
            "usage-environment",
            "the app file has several environments, and one is deployed",
            f"Name it with `--env`: {', '.join(others)}.",
        )
    name = env or (others[0] if others else load.BASE)
    load.require_environment(found, name)
    app = load.app_for(found, name)
    if not app.account:
        raise UsageError.of(
            "usage-ci-account",
            f"the app file does not say which account {name} is in",
            f'Add `environments: {{{name}: {{account: "123456789012"}}}}`: the role is there.',
            "account",
        )
    return found, app, app.account


def _pipeline(found: AppFile, app: App, account: str, branch: str) -> Pipeline:
    from seatrial.appfile import builds
    from seatrial.appfile.load import DEFAULT_NAME
    from seatrial.ops.ci.workflow import Pipeline

    root = files.root_of(found.folder)
    return Pipeline(
        app=app.app,
        environment=app.environment,
        region=app.region,
        account=account,
        folder=found.folder.resolve().relative_to(root).as_posix(),
        file="" if found.path.name == DEFAULT_NAME else found.path.name,
        branch=_branch(branch),
        version=__version__,
        checks=tuple(checks.of_folders(root, builds.folders(app, found.folder))),
    )


def _branch(name: str) -> str:
    """Return a branch's name; raises UsageError for what a workflow would read as a pattern."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", name):
        return name
    raise UsageError.of(
        "usage-ci-repository",
        f"`{name}` is not the name of one branch",
        "Name one branch, without a pattern: `--branch main`.",
    )


def _repository(path: str, ids: str, branch: str, *, gitlab: bool) -> Repository:
    from seatrial.ops.ci.role import GITHUB, GITLAB, Repository

    if not (GITLAB_PATH if gitlab else GITHUB_PATH).fullmatch(path):
        raise UsageError.of(
            "usage-ci-repository",
            f"`{path}` is not a repository's path",
            "Write `--repository OWNER/NAME`, without a pattern.",
        )
    if ids and not re.fullmatch(r"[0-9]+/[0-9]+", ids):
        raise UsageError.of(
            "usage-ci-repository",
            f"`{ids}` are not the two numbers of a repository",
            "Write `--ids 123456/456789`, the owner's first.",
        )
    issuer = GITLAB if gitlab else GITHUB
    return Repository(path=path, branch=_branch(branch), issuer=issuer, ids=ids)
