"""The roles that a CI takes at AWS with its own token, as Terraform: no key is ever stored.

One deploys, from the branch and the environment; one reads for the plan of a pull request.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from seatrial.model.app import App
from seatrial.ops.policy import policies
from seatrial.terraform.document import PROVIDER, TERRAFORM
from seatrial.terraform.escape import literal

Purpose = Literal["ci", "plan"]
PURPOSES: tuple[Purpose, ...] = ("ci", "plan")
LONGEST = 3600  # seconds of a session: IAM's default, and a deploy's usual time several times over


@dataclass(frozen=True)
class Issuer:
    """Who signs a CI's tokens, and for whom they are meant."""

    host: str
    audience: str


GITHUB = Issuer("token.actions.githubusercontent.com", "sts.amazonaws.com")
GITLAB = Issuer("gitlab.com", "https://gitlab.com")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository whose CI may take the roles: ``path`` is ``owner/name``, or GitLab's path."""

    path: str
    branch: str
    issuer: Issuer
    ids: str = ""  # GitHub's numbers, ``owner/repository``; empty where they are not known


def role_arn(account: str, app: str, environment: str, purpose: Purpose) -> str:
    """Return the ARN of a CI's role."""
    return f"arn:aws:iam::{account}:role/{role_name(app, environment, purpose)}"


def role_name(app: str, environment: str, purpose: Purpose) -> str:
    """Return a role's name."""
    return f"seatrial-{app}-{environment}-{purpose}"


def document(app: App, account: str, repository: Repository, *, provider: bool) -> dict[str, Any]:
    """Return the Terraform of both roles, and of the identity provider unless it exists.

    An account has one provider for an address, so that the second app uses the first one's.
    """
    resources: dict[str, dict[str, Any]] = {
        "aws_iam_role": {},
        "aws_iam_policy": {},
        "aws_iam_role_policy_attachment": {},
    }
    if provider:
        url = f"https://{repository.issuer.host}"
        resources["aws_iam_openid_connect_provider"] = {
            "ci": {"url": url, "client_id_list": [repository.issuer.audience]}
        }
    arn = _provider_arn(account, repository.issuer, made=provider)
    for purpose in PURPOSES:
        subjects = _subjects(repository, app.environment, purpose)
        resources["aws_iam_role"][purpose] = {
            "name": role_name(app.app, app.environment, purpose),
            "max_session_duration": LONGEST,
            "assume_role_policy": json.dumps(_trust(repository.issuer, arn, subjects)),
        }
        _attach(resources, purpose, [(p.name, p.text) for p in policies(app, account, purpose)])
    return {
        "terraform": {
            "required_version": TERRAFORM,
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}},
        },
        "provider": {"aws": {"region": app.region, "allowed_account_ids": [account]}},
        "resource": resources,
    }


def _provider_arn(account: str, issuer: Issuer, *, made: bool) -> str:
    if made:
        return "${aws_iam_openid_connect_provider.ci.arn}"
    return f"arn:aws:iam::{account}:oidc-provider/{issuer.host}"


def _trust(issuer: Issuer, arn: str, subjects: list[str]) -> dict[str, Any]:
    """Return who may take a role: this issuer's tokens for AWS, of these subjects."""
    compare = "StringLike" if any("*" in subject for subject in subjects) else "StringEquals"
    condition: dict[str, dict[str, Any]] = {"StringEquals": {f"{issuer.host}:aud": issuer.audience}}
    condition.setdefault(compare, {})[f"{issuer.host}:sub"] = subjects
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": arn},
                "Condition": condition,
            }
        ],
    }


def _subjects(repository: Repository, environment: str, purpose: Purpose) -> list[str]:
    """Return the subjects of the tokens of a purpose's jobs.

    A job with an environment has the environment's subject, one without has the branch's (GitHub,
    "OpenID Connect reference"). GitLab's has the branch of the pipeline in either case (GitLab, "ID
    token authentication"), and of a merge request the branch that is merged.
    """
    if repository.issuer is GITLAB:
        branch = repository.branch if purpose == "ci" else "*"
        return [f"project_path:{repository.path}:ref_type:branch:ref:{branch}"]
    ends = [f"environment:{environment}", f"ref:refs/heads/{repository.branch}"]
    return [
        f"repo:{name}:{end}"
        for name in _github_names(repository)
        for end in (ends if purpose == "ci" else ["pull_request"])
    ]


def _github_names(repository: Repository) -> list[str]:
    """Return a repository as its tokens name it: by names, and with numbers that never change.

    Repositories that are created, renamed or moved since the summer of 2026 have the second form
    (GitHub changelog, "Immutable subject claims for GitHub Actions OIDC tokens").
    """
    if not repository.ids:
        return [repository.path]
    pairs = zip(repository.path.split("/"), repository.ids.split("/"), strict=True)
    return [repository.path, "/".join(f"{name}@{number}" for name, number in pairs)]


def _attach(
    resources: dict[str, dict[str, Any]], purpose: Purpose, made: list[tuple[str, str]]
) -> None:
    """Add a purpose's managed policies, each attached to its role."""
    for number, (name, text) in enumerate(made, 1):
        key = f"{purpose}-{number}"
        resources["aws_iam_policy"][key] = {"name": name, "policy": literal(text)}
        resources["aws_iam_role_policy_attachment"][key] = {
            "role": f"${{aws_iam_role.{purpose}.name}}",
            "policy_arn": f"${{aws_iam_policy.{key}.arn}}",
        }
