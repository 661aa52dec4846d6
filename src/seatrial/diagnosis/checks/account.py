"""Credentials, policies, states, cost, and the way to other people's APIs."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.diagnosis.check import (
    COMMAND,
    EVERYWHERE,
    PROGRAM,
    Check,
    Evidence,
    either,
    said,
    verified,
)
from seatrial.diagnosis.facts import Facts

MORE = 1.5  # times the estimate, and at least so many dollars more, is unexpected
DOLLARS = 5


def _expensive(facts: Facts) -> Iterator[Evidence]:
    over = facts.spent - facts.estimated
    if facts.spent > facts.estimated * MORE and over >= DOLLARS:
        text = f"ce.get_cost_and_usage: ${facts.spent:.2f} in seven days; estimated "
        yield Evidence(f"{text}${facts.estimated:.2f}", "", "", "warning")


def _locked(facts: Facts) -> Iterator[Evidence]:
    if facts.lock:
        yield Evidence(f"s3.get_object deploy.lock: {facts.lock}")


def _errored_state(facts: Facts) -> Iterator[Evidence]:
    if facts.errored_state:
        yield Evidence(f"{facts.errored_state}: Terraform could not save this state")


def _broken_gateway(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        for gateway, state in sorted(service.network.gateways.items()):
            used = gateway in service.network.routes.values()
            if used and service.network.broken(gateway):
                text = f"ec2.describe_nat_gateways: {gateway} is {state}"
                yield Evidence(text, service.name, "", "error")


CHECKS = (
    Check(
        id="D110",
        title="AWS refuses the credentials, or a call",
        cause="The credentials are of another account or profile, are not valid, or a policy does "
        "not allow the action.",
        fix="See who asks (`aws sts get-caller-identity`), and give them the least policy.",
        command="seatrial policy {environment}",
        look=either(
            said(
                r"InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch",
                r"AccessDenied(Exception)?|UnauthorizedOperation|is not authorized to perform",
                r"Unable to locate credentials|no valid credentials",
                of=EVERYWHERE,
            ),
            verified("verify-permissions"),
        ),
        rank="general",
    ),
    Check(
        id="D111",
        title="the credentials expired",
        cause="The session of the role is over; a first deploy can take longer than an hour.",
        fix="Log in again, then run the same command: it resumes. A state that Terraform could not "
        "save (errored.tfstate) is pushed before that.",
        command="aws sso login",
        look=either(
            said(
                r"ExpiredToken(Exception)?|RequestExpired",
                r"security token included in the request is expired",
                of=EVERYWHERE,
            ),
            _errored_state,
        ),
    ),
    Check(
        id="D112",
        title="AWS refuses the workflow's OIDC token",
        cause="The role's trust does not match the token's sub: since July 2026 new repositories "
        "send immutable ids in it (repo:OWNER@ID/NAME@ID:...).",
        fix="Allow both forms of sub in the trust, with the audience sts.amazonaws.com.",
        command="aws iam get-role --role-name ROLE",
        look=said(r"[Nn]ot authorized to perform:? sts:AssumeRoleWithWebIdentity", of=COMMAND),
    ),
    Check(
        id="D113",
        title="a lock is held",
        cause="Another command changes the environment, or one was killed and left its lock.",
        fix="Wait; where that command is dead, release its lock by its ID.",
        command="seatrial unlock {environment} ID",
        look=either(_locked, said(r"Error acquiring the state lock", of=COMMAND)),
    ),
    Check(
        id="D114",
        title="the state does not know what exists",
        cause="The state was lost, or copied from another project: Terraform would create what is "
        "there already.",
        fix="Run the deploy again: it takes over what carries the environment's tags. Never copy a "
        "state between projects.",
        command="{deploy}",
        look=said(
            r"EntityAlreadyExists|ResourceConflictException|ResourceAlreadyExistsException",
            r"(?i)\b(role|repository|cluster|balancer|resource|parameter)\b.* already exists",
            of=COMMAND,
        ),
        rank="general",
    ),
    Check(
        id="D115",
        title="IAM does not accept a policy's JSON",
        cause="MalformedPolicyDocument: the document is no valid JSON, or names what IAM does not "
        "know.",
        fix="Write policies in Terraform's jsonencode, and look at the extra files under "
        "`terraform:`.",
        command="seatrial check",
        look=said(r"MalformedPolicyDocument", of=COMMAND),
    ),
    Check(
        id="D116",
        title="something still uses what is to be deleted",
        cause="DependencyViolation: a network interface, often of a load balancer or task, or a "
        "rule made by hand, still uses it.",
        fix="Wait a few minutes and run the same command again; else find the interface's owner.",
        command="aws ec2 describe-network-interfaces --filters Name=vpc-id,Values=VPC",
        look=said(r"DependencyViolation", of=COMMAND),
    ),
    Check(
        id="D118",
        title="Vault cannot be reached or refuses",
        cause="VAULT_ADDR does not lead to a Vault, or its token is not valid.",
        fix="Set VAULT_ADDR and log in (`vault login`), or give the values from a `.env` file.",
        command="vault status",
        look=said(
            r"VAULT_ADDR",
            r"(?i)vault.*(permission denied|Code: 403)|(permission denied|Code: 403).*vault",
            r"connection refused.*8200|8200.*connection refused",
            of=COMMAND,
        ),
    ),
    Check(
        id="D119",
        title="the environment costs more than estimated",
        cause="Usual reasons: public IPv4 addresses, a NAT gateway's traffic, Extended Support, "
        "logs, and environments that nobody uses.",
        fix="Compare by service; `seatrial pause` stops what nobody uses for a while.",
        command="seatrial cost{at} --actual",
        look=_expensive,
    ),
    Check(
        id="D120",
        title="other people's APIs cannot be reached",
        cause="Tasks have no way to the internet, or their NAT gateway failed.",
        fix="`network: {{outbound: nat}}` or `public`; a deploy puts routes back.",
        command="{deploy}",
        look=either(
            _broken_gateway,
            said(
                r"(?i)(api\.openai\.com|api\.anthropic\.com|pinecone)\S*.*(timed out|timeout)",
                r"APIConnectionError|APITimeoutError",
                r"ConnectTimeout(?!.*(\.elb\.|rds))",
                of=PROGRAM,
            ),
        ),
    ),
)
