"""Services of ECS and their deployments."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.diagnosis.check import COMMAND, TASK, Check, Evidence, either, said, verified
from seatrial.diagnosis.facts import Facts

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def _few_addresses(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        for subnet, free in sorted(service.network.free.items()):
            if not free and service.running < service.desired:
                text = f"ec2.describe_subnets: {subnet} has AvailableIpAddressCount 0"
                yield Evidence(text, service.name)


def _rolled_back(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if service.deployment.startswith("ROLLBACK") and not service.alarms:
            text = f"ecs.describe_service_deployments: {service.deployment}"
            yield Evidence(text, service.name, "", "error")
        elif service.rollout == "FAILED":
            yield Evidence("ecs.describe_services: rolloutState FAILED", service.name, "", "error")


def _alarm(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if service.alarms:
            text = f"ecs.describe_service_deployments: triggered {', '.join(service.alarms)}"
            yield Evidence(text, service.name, "", "error")


def _no_room_to_roll(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if service.least >= 100 and service.most <= 100:
            text = (
                f"ecs.describe_services: minimumHealthyPercent {service.least}, maximumPercent "
                f"{service.most}"
            )
            yield Evidence(text, service.name)


def _exec_refused(facts: Facts) -> Iterator[Evidence]:
    for task in facts.tasks:
        if task.agent == "STOPPED":
            text = f"{task.where}: the ExecuteCommandAgent's lastStatus is STOPPED"
            yield Evidence(text, task.service, "", "warning")
    for service in facts.services:
        if keys := [name for name in KEYS if name in service.plain]:
            text = f"ecs.describe_task_definition: {', '.join(keys)} in the environment"
            fix = f"Remove {', '.join(keys)}: they replace the task role everywhere in the program."
            yield Evidence(text, service.name, fix, "warning")


def _nothing_runs(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if service.desired and not service.running and not service.paused:
            text = f"ecs.describe_services: runningCount 0, desiredCount {service.desired}"
            yield Evidence(text, service.name)


CHECKS = (
    Check(
        id="D30",
        title="there is no room for a task",
        cause="ECS was unable to place a task: Fargate has no capacity now in these zones, or no "
        "container instance, address or port is free.",
        fix="Try again later, or in another zone or region: Fargate has no room now.",
        command="seatrial status{at}",
        look=either(
            said(
                r"unable to place a task because no container instance met",
                r"Capacity is unavailable at this time",
                r"RESOURCE:(MEMORY|CPU|ENI|PORTS)",
                of=TASK,
            ),
            _few_addresses,
        ),
    ),
    Check(
        id="D31",
        title="a quota of the account is reached",
        cause="AWS limits the vCPUs that run on Fargate at once, and the number of VPCs, balancers "
        "and addresses; new accounts have little. A rollout doubles the tasks.",
        fix="Ask for more in Service Quotas (Fargate On-Demand vCPU: L-3032A538).",
        command="aws service-quotas request-service-quota-increase --service-code fargate "
        "--quota-code L-3032A538 --desired-value 64",
        look=either(
            said(
                r"reached the limit on the number of vCPUs",
                r"(VpcLimitExceeded|AddressLimitExceeded|TooManyLoadBalancers|ServiceQuotaExceeded|"
                r"InstanceQuotaExceeded)",
            ),
            verified("verify-quota"),
        ),
    ),
    Check(
        id="D32",
        title="tasks fail again and again",
        cause="ECS is unable to consistently start tasks and waits longer before each next one.",
        fix="Fix what stopped the tasks of the newest deployment, then deploy again.",
        command="seatrial logs{at} {service}",
        look=said(r"unable to consistently start tasks successfully", of=TASK),
        rank="consequence",
    ),
    Check(
        id="D33",
        title="the deployment failed and was rolled back",
        cause="The deployment circuit breaker counted too many failed tasks: half of those wanted, "
        "at least 3 and at most 200.",
        fix="The release before serves. Fix what stopped the new tasks, then deploy again.",
        command="seatrial releases{at}",
        look=either(
            said(
                r"deployment failed: tasks failed to start",
                r"\(deployment ecs-svc/\d+\) deployment failed",
                r"rolling back to deployment|rolled the service back",
                of=("error", "event", "rollout"),
            ),
            _rolled_back,
        ),
        rank="consequence",
    ),
    Check(
        id="D34",
        title="an alarm rolled the deployment back",
        cause="An alarm of the deployment went into ALARM while the new revision was observed.",
        fix="Look at the alarm's metric around that time; the release before serves.",
        command="aws cloudwatch describe-alarm-history",
        look=either(
            said(r"deployment failed: alarm detected", of=("error", "event", "rollout")), _alarm
        ),
    ),
    Check(
        id="D35",
        title="the deployment may neither stop nor start tasks",
        cause="minimumHealthyPercent and maximumPercent leave no room: nothing may stop before "
        "something starts, and nothing may start.",
        fix="Set 100 and 200, as a deploy does.",
        command="{deploy}",
        look=either(
            said(r"unable to stop or start tasks during a deployment", of=("error", "event")),
            _no_room_to_roll,
        ),
    ),
    Check(
        id="D36",
        title="AWS throttles calls",
        cause="Too many calls of the account in a short time; AWS asks to slow down.",
        fix="Run the command again: it resumes where it stopped. Find who else calls so often.",
        command="{deploy}",
        look=said(
            r"operations are being throttled",
            r"Rate exceeded|RequestLimitExceeded|TooManyRequestsException",
            r"ThrottlingException(?!.*(tokens|model|InvokeModel|Converse))",
            of=("error", "event"),
        ),
    ),
    Check(
        id="D37",
        title="capacity providers are mixed",
        cause="A capacity provider strategy has either Fargate's providers or Auto Scaling groups, "
        "and only one with a base.",
        fix="Use services.{service}.capacity, which has Fargate and Fargate Spot alone.",
        command="seatrial check",
        look=said(
            r"strategy cannot contain a mix of capacity providers",
            r"more than one.*base value",
            of=COMMAND,
        ),
    ),
    Check(
        id="D38",
        title="ECS's service-linked role is missing",
        cause="The account has never used ECS: the role AWSServiceRoleForECS is made on first use, "
        "and takes a moment to hold.",
        fix="Create it, wait a minute, then deploy again.",
        command="aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
        look=said(r"(?i)unable to assume the service.linked role", of=("error", "event")),
    ),
    Check(
        id="D39",
        title="ECS may not assume a role of the task",
        cause="The role's trust does not name ecs-tasks.amazonaws.com, or the role is so new that "
        "not every region knows it.",
        fix="A deploy restores the trust; if the role is new, wait a minute.",
        command="{deploy}",
        look=said(r"(?i)ECS was unable to assume the role", of=TASK),
    ),
    Check(
        id="D40",
        title="these credentials may not pass a role",
        cause="Registering a task definition needs iam:PassRole for its two roles.",
        fix="Give the credentials the policy for who deploys.",
        command="seatrial policy {environment} --for deploy",
        look=said(r"not authorized to perform: iam:PassRole|iam:PassRole", of=COMMAND),
    ),
    Check(
        id="D42",
        title="the task definition does not fit Fargate",
        cause="The selected task definition is not compatible with the selected compute strategy: "
        "requiresCompatibilities does not name FARGATE.",
        fix="A deploy registers a definition that fits.",
        command="{deploy}",
        look=said(
            r"not compatible with the selected compute strategy",
            r"does not (support|have).*requiresCompatibilities|requiresCompatibilities.*FARGATE",
            of=TASK,
        ),
    ),
    Check(
        id="D44",
        title="ECS Exec does not connect",
        cause="The agent in the task is not RUNNING, or the task role lacks ssmmessages, or the "
        "task has no way to it; a task that started without ECS Exec never gets it.",
        fix="Seatrial's services do not have ECS Exec. `seatrial run` starts a task of its own "
        "with the service's image, roles and variables.",
        command="seatrial run{env} {service} -- COMMAND",
        look=either(
            said(
                r"TargetNotConnectedException",
                r"execute command failed (due to an internal|because execute command was not)",
                of=COMMAND,
            ),
            _exec_refused,
        ),
    ),
    Check(
        id="D45",
        title="the deploy ended and nothing runs",
        cause="Terraform does not wait for ECS: a service may be created and none of its tasks "
        "ever run.",
        fix="`seatrial deploy` waits until the release serves; fix what keeps tasks from running.",
        command="seatrial status{at}",
        look=_nothing_runs,
        rank="consequence",
    ),
)
