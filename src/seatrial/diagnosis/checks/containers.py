"""Containers: how a program starts and ends."""

from __future__ import annotations

from seatrial.diagnosis.check import (
    COMMAND,
    ENDED,
    EVERYWHERE,
    PROGRAM,
    TASK,
    Check,
    either,
    exited,
    said,
    stopped,
)

CHECKS = (
    Check(
        id="D20",
        title="the task ran out of memory",
        cause="OutOfMemoryError: the container used more than its task's memory and was killed.",
        fix="Raise services.{service}.memory, or use less.",
        command="seatrial status{at}",
        look=said(r"OutOfMemory(Error)?\b", of=TASK),
    ),
    Check(
        id="D22",
        title="the program crashed",
        cause="Essential container in task exited: the program ended by itself.",
        fix="Fix what the last lines report; `seatrial logs` has all of {service}'s.",
        command="seatrial logs{at} {service}",
        look=either(
            said(r"Essential container in task exited", of=TASK),
            said(r"ModuleNotFoundError|ImportError|SyntaxError|Traceback \(most recent", of=ENDED),
            said(r"Error: Cannot find module|UnhandledPromiseRejection", of=ENDED),
        ),
        rank="general",
    ),
    Check(
        id="D23",
        title="the command is not in the image, or not executable",
        cause="CannotStartContainerError, or the exit code 127 (not found) or 126 (not "
        "executable): the entry point is missing, has Windows line ends, or no permission.",
        fix="Name a program that the build installs: is it in the requirements?",
        command="seatrial check --show",
        look=either(
            said(
                r"executable file not found in \$PATH|not found in \$PATH",
                r"CannotStartContainerError",
                r"permission denied: unknown",
                of=EVERYWHERE,
            ),
            exited(126, 127),
        ),
    ),
    Check(
        id="D25",
        title="the container's own health check fails",
        cause="The health check of the task definition runs inside the container: its program "
        "(often curl) may be missing there, its port or path wrong, or its startPeriod too short.",
        fix="Let the load balancer check the service, as services.{service}.health does, or make "
        "the check a command that the image has.",
        command="aws ecs describe-task-definition --task-definition FAMILY",
        look=said(r"failed container health checks", of=TASK),
    ),
    Check(
        id="D26",
        title="the program may not write there",
        cause="The container's file system is read-only, and its user is not root.",
        fix="The image's files are read-only on AWS: write to /tmp, which ends with the task, or "
        "to a bucket.",
        command="seatrial logs{at} {service}",
        look=said(
            r"Read-only file system|EROFS",
            r"PermissionError: \[Errno 13\]|EACCES: permission",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D27",
        title="Fargate offers no such pair of CPU and memory",
        cause="No Fargate configuration exists for the given values.",
        fix="Take a pair that `seatrial explain services.cpu` lists.",
        command="seatrial check",
        look=said(
            r"No Fargate configuration exists for given values|Invalid 'cpu' setting for task",
            of=COMMAND,
        ),
    ),
    Check(
        id="D28",
        title="Spot capacity was taken back",
        cause="AWS interrupted a Fargate Spot task with two minutes' notice; the program is not "
        "at fault.",
        fix="Keep a base on Fargate (services.{service}.capacity), and end at SIGTERM.",
        command="seatrial status{at}",
        look=either(
            said(r"Spot Task was interrupted", of=TASK),
            stopped("SpotInterruption"),
        ),
    ),
    Check(
        id="D29",
        title="AWS replaced the task's machine",
        cause="AWS retires the machines below Fargate tasks, for maintenance or because they fail; "
        "the program is not at fault.",
        fix="Run at least two tasks (services.{service}.count), so that one always serves.",
        command="seatrial status{at}",
        look=either(
            said(r"ECS is performing maintenance|(?i:fargate.*retire)", of=TASK),
            stopped("TerminationNotice", "InfrastructureHealth"),
        ),
    ),
)
