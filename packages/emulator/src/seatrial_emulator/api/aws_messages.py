"""Why a task does not start, in Fargate's words. Pure.

Source: ECS developer guide, "Stopped tasks error messages", "CannotPullContainer task errors" and
"ResourceInitializationError errors".
"""

from __future__ import annotations

import re

PULL = "ResourceInitializationError: unable to pull secrets or registry auth: "
CAPACITY = (
    "Capacity is unavailable at this time. Please try again later or in a different availability "
    "zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)
_ASM = f"{PULL}execution resource retrieval failed: unable to retrieve secret from asm: "
# As tasks end on AWS (aws/copilot-cli#4504, HHS/simpler-grants-gov#4330).
_SSM = (
    f"{PULL}execution resource retrieval failed: unable to retrieve secrets from ssm: "
    "service call has been retried 1 time(s): "
)
_FETCH = f"{_ASM}service call has been retried 1 time(s): failed to fetch secret "
_LOGGER = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried "
    "1 times: failed to create Cloudwatch log stream: "
)
_PROGRAM = re.compile(r'(exec: "[^"]*": .+?)(?:: unknown|: OCI runtime .*)?$')
MEMORY = "OutOfMemoryError: Container killed due to memory usage"


def role(arn: str) -> str:
    """The role does not exist, or does not trust ECS."""
    return (
        f"ECS was unable to assume the role '{arn}' that was provided for this task. Please verify "
        "that the role being passed has the proper trust relationship and permissions and that "
        "your IAM user has permissions to pass this role."
    )


def no_route_to_ecr() -> str:
    """The task has no route to AWS's services."""
    return (
        f"{PULL}The task cannot pull registry auth from Amazon ECR: There is a connection issue "
        "between the task and Amazon ECR. Check your task network configuration."
    )


def denied(account: str, role_arn: str, action: str, resource: str) -> str:
    """A role's policies do not allow an action."""
    name = role_arn.rsplit("/", 1)[-1]
    return (
        f"AccessDeniedException: User: arn:aws:sts::{account}:assumed-role/{name}/task is not "
        f"authorized to perform: {action} on resource: {resource} because no identity-based policy "
        f"allows the {action} action"
    )


def image_missing(image: str) -> str:
    """The digest is not in the repository."""
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
        f"resolve ref {image}: {image}: not found"
    )


def image_denied(why: str) -> str:
    """The execution role may not pull."""
    return f"{PULL}execution resource retrieval failed: unable to retrieve ecr registry auth: {why}"


def secret_denied(arn: str, why: str) -> str:
    """The execution role may not read the secret."""
    return f"{_FETCH}{arn} from secrets manager: {why}"


def secret_missing(arn: str) -> str:
    """The secret has no value, is being deleted, or does not exist."""
    return (
        f"{_FETCH}{arn} from secrets manager: ResourceNotFoundException: Secrets Manager can't "
        "find the specified secret value for staging label: AWSCURRENT."
    )


def parameter_denied(why: str) -> str:
    """The execution role may not read the parameter."""
    return f"{_SSM}{why}"


def parameter_missing(name: str) -> str:
    """Parameter Store has no parameter of this name."""
    return f"{_SSM}invalid ssm parameters: {name}"


def key_missing(key: str) -> str:
    """The secret's JSON has no such key."""
    return f"{_ASM}retrieved secret from Secrets Manager did not contain json key {key}"


def not_started(why: str) -> str:
    """The container's program could not begin; ``why`` is the runtime's own word for it."""
    return (
        "CannotStartContainerError: ResourceInitializationError: failed to create new container "
        "runtime task: failed to create shim task: OCI runtime create failed: runc create failed: "
        f"unable to start container process: {why}: unknown"
    )


def of_engine(said: str) -> str:
    """The container engine refused; ``said`` is the last line of its words."""
    if match := _PROGRAM.search(said):
        return not_started(match[1])
    said = said.removeprefix("Error: ")
    pulling = "initializing source" in said or "unable to pull" in said
    return f"{'CannotPullContainerError' if pulling else 'CannotStartContainerError'}: {said}"


def log_group_missing() -> str:
    """The log group does not exist."""
    return _LOGGER + "ResourceNotFoundException: The specified log group does not exist."


def log_denied(why: str) -> str:
    """The execution role may not write the log."""
    return _LOGGER + why
