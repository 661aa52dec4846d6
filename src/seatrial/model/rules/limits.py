"""What a laptop runs and AWS does not: low ports, long silence, images out of reach, plain HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding
from seatrial.model.service import Service

# Tasks run as a user of their own, and on Fargate only root opens these (Linux,
# ip_unprivileged_port_start; `systemControls` of the network are the whole task's there).
FIRST_OPEN_PORT = 1024
# CloudFront closes a silent WebSocket after ten minutes (CloudFront developer guide, "Use
# WebSockets"); for other answers it waits a minute, which the rehearsal shows.
LONGEST_SILENCE = 600
# Cognito developer guide, "Access Amazon Cognito using an interface endpoint": "User pools with an
# assigned domain are not compatible with AWS PrivateLink"; every pool here has one.
_ECR = re.compile(r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/")


# A task definition has at most 64 KB (ECS service quotas); what is not `env` and `command` of it
# (roles, logs, secrets' ARNs) takes about 3 KB.
LARGEST_ENVIRONMENT = 60_000


def check(app: App) -> Iterator[Finding]:
    """Yield what AWS would refuse although a rehearsal could do it."""
    for name, service in app.services.items():
        yield from _service(app, name, service)
    if app.network.ports and app.outbound == "endpoints":
        yield Finding(
            "appfile-range",
            ("network", "ports"),
            "with `outbound: endpoints` nothing leads to the internet",
            "Use `outbound: nat`, or remove `ports`.",
        )
    for name, service in app.services.items():
        yield from _reached(app, service, ("services", name, "reach"))
    if 25 in app.network.ports:
        yield Finding(
            "appfile-range",
            ("network", "ports"),
            "AWS blocks port 25",
            "Send mail by port 587 or 465.",
        )
    if app.users and app.edge.kind == "balancer" and app.domain is None and _public(app):
        yield Finding(
            "appfile-edge",
            ("users",),
            "Cognito sends people back over HTTPS alone, and a public balancer without a domain "
            "has none",
            "Use `edge: cdn`, or give the app a `domain`.",
            (("users",), ("edge",), ("domain",), ("services", "*", "public")),
        )


def _reached(app: App, service: Service, path: tuple[str, ...]) -> Iterator[Finding]:
    ports = {int(place.rpartition(":")[2]) for place in service.reach}
    if ports and app.outbound == "endpoints":
        why = "with `outbound: endpoints` nothing leads to the internet"
        fix = "Use `outbound: nat`, or remove `reach`."
        yield Finding("appfile-range", path, why, fix, (path, ("network",)))
    if 25 in ports:
        yield Finding("appfile-range", path, "AWS blocks port 25", "Send mail by port 587 or 465.")
    if any(port > 65535 for port in ports):
        yield Finding("appfile-range", path, "a TCP port is at most 65535", "Correct the port.")


def _size(service: Service) -> int:
    """Return the bytes of a task definition that the app file decides, as JSON."""
    variables = [{"name": name, "value": value} for name, value in service.env.items()]
    return len(json.dumps([variables, service.command]))


def _public(app: App) -> bool:
    return any(service.public for service in app.services.values())


def _service(app: App, name: str, service: Service) -> Iterator[Finding]:
    path = ("services", name)
    if service.port is not None and service.port < FIRST_OPEN_PORT:
        yield Finding(
            "appfile-range",
            (*path, "port"),
            f"only root may listen on port {service.port}, and tasks do not run as root",
            "Use a port from 1024 up, such as 8080; the edge's own port does not depend on it.",
        )
    if service.public and app.edge.kind == "cdn" and service.public.idle > LONGEST_SILENCE:
        yield Finding(
            "appfile-range",
            (*path, "public", "idle"),
            f"CloudFront closes a silent connection after {LONGEST_SILENCE} s",
            "Write at most `idle: 600 s`, or use `edge: balancer`.",
            ((*path, "public", "idle"), ("edge",)),
        )
    if (size := _size(service)) > LARGEST_ENVIRONMENT:
        yield Finding(
            "appfile-limit",
            (*path, "env"),
            f"`env` and `command` take {size // 1000} KB, and a task definition has at most 64 KB",
            "Keep long values in a file of the build, or in a bucket.",
        )
    if app.outbound == "endpoints" and any(use.name == "users" for use in service.uses):
        yield Finding(
            "appfile-use",
            (*path, "uses"),
            "with `outbound: endpoints` nothing leads to Cognito: a pool with a sign-in page takes "
            "no request through an endpoint of the VPC",
            "Use `outbound: nat` or `public`.",
        )
    if service.image and app.outbound == "endpoints" and not _ECR.match(service.image):
        yield Finding(
            "appfile-build",
            (*path, "image"),
            "with `outbound: endpoints` nothing leads to a public registry",
            "Push the image to ECR, use `build`, or `outbound: nat`.",
            ((*path, "image"), ("network",)),
        )
