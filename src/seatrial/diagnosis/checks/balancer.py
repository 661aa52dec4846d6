"""The load balancer, its targets and their health checks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.diagnosis.check import COMMAND, PROGRAM, Check, Evidence, Look, either, said
from seatrial.diagnosis.facts import Facts

MANY = 5  # answers of the balancer itself in ten minutes: fewer happen while tasks are replaced
ADDRESS = re.compile(r"https?://([\w.-]+\.elb\.[\w.-]+|[\w.-]+\.elb\.localhost)(?::(\d+))?")


def _failing(*failures: str) -> Look:
    def look(facts: Facts) -> Iterator[Evidence]:
        for service in facts.services:
            for check in service.checks:
                if check.failure in failures:
                    yield Evidence(check.text, service.name, check.fix, "error")

    return look


def _no_target(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        for group in service.groups:
            if service.desired and "healthy" not in group.states and not service.paused:
                found = ", ".join(group.states) or "no target"
                yield Evidence(f"elbv2.describe_target_health: {group.name}: {found}", service.name)


def _loose(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        for group in service.groups:
            if not group.balanced:
                text = f"elbv2.describe_target_groups: {group.name} has no LoadBalancerArns"
                yield Evidence(text, service.name, "", "error")


def _own_answers(code: str) -> Look:
    def look(facts: Facts) -> Iterator[Evidence]:
        if (count := facts.refused.get(code, 0)) >= MANY:
            text = f"cloudwatch HTTPCode_ELB_{code}_Count: {count:.0f} in ten minutes"
            yield Evidence(text, "", "", "warning")

    return look


def _other_port(facts: Facts) -> Iterator[Evidence]:
    ports: dict[str, set[int]] = {}
    for listener in facts.listeners:
        ports.setdefault(listener.host.lower(), set()).add(listener.port)
    for service in facts.services:
        for name, value in service.plain.items():
            for host, port in ADDRESS.findall(value):
                used = int(port) if port else 443 if value.startswith("https") else 80
                if host.lower() in ports and used not in ports[host.lower()]:
                    listed = ", ".join(map(str, sorted(ports[host.lower()])))
                    text = f"{name} uses port {used} of {host}; elbv2.describe_listeners: {listed}"
                    yield Evidence(text, service.name, "", "warning")


def _not_sticky(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        sockets = any(
            e.source in PROGRAM and e.service == service.name and "WebSocket" in e.text
            for e in facts.said
        )
        if sockets and service.desired > 1 and not all(g.sticky for g in service.groups):
            text = (
                f"elbv2.describe_target_group_attributes: stickiness off, {service.desired} tasks"
            )
            yield Evidence(text, service.name, "", "warning")


def _bad_certificate(facts: Facts) -> Iterator[Evidence]:
    secure = [x for x in facts.listeners if x.protocol == "HTTPS"]
    for certificate in facts.certificates:
        if certificate.status in ("EXPIRED", "REVOKED", "INACTIVE"):
            text = f"acm.describe_certificate: {certificate.domain} is {certificate.status}"
            yield Evidence(f"{text}; {len(secure)} HTTPS listeners")


CHECKS = (
    Check(
        id="D43",
        title="a target group has no load balancer",
        cause="ECS accepts a service only when its target group belongs to a load balancer: the "
        "listener and its rules come first.",
        fix="A deploy puts the listener's rule back.",
        command="{deploy}",
        look=either(said(r"targetGroupArn \S+ does not have an associated load balancer"), _loose),
    ),
    Check(
        id="D50",
        title="the health check gets another code than it wants",
        cause="Health checks failed with these codes: 404, no such path; 301 or 302, a redirect; "
        "400, a host that is not allowed; 401 or 403, a log-in; 500, the program.",
        fix="Answer 200 at services.{service}.health on the port it names, listening on 0.0.0.0, "
        "or name the right path or port.",
        command="seatrial logs{at} {service} --health-checks",
        look=either(
            _failing("code"),
            said(
                r"Health checks failed with these codes",
                r"Target\.ResponseCodeMismatch",
                r"failed ELB health checks in \(target-group(?!.*[Tt]imed out)",
                r"on port \d+ answers \d{3}",
                of=("error", "stop"),
            ),
        ),
    ),
    Check(
        id="D51",
        title="the health check gets no answer",
        cause="Request timed out, or the connection failed: a security group does not let the "
        "balancer in, the program listens on 127.0.0.1 or another port, or it starts slowly.",
        fix="Listen on 0.0.0.0 at services.{service}.port; where it starts slowly, raise "
        "services.{service}.health.grace. A deploy puts rules back.",
        command="seatrial logs{at} {service}",
        look=either(
            _failing("silent", "refused", "closed"),
            said(
                r"Request timed out|Target\.(Timeout|FailedHealthChecks)",
                r"listens on (127\.|port \d)|nothing listens on port",
                r"no answer within \d+ s",
                of=("error", "stop"),
            ),
        ),
    ),
    Check(
        id="D52",
        title="the load balancer answers 503",
        cause="503 Service Temporarily Unavailable: the target group of the rule has no registered "
        "or healthy target.",
        fix="Fix what keeps the service's tasks from running or from being healthy.",
        command="seatrial status{at}",
        look=either(
            _no_target,
            said(r"503 Service (Temporarily )?Unavailable", of=COMMAND),
            _own_answers("503"),
        ),
        rank="consequence",
    ),
    Check(
        id="D53",
        title="the load balancer answers 502",
        cause="502 Bad Gateway: the program closed the connection: its keep-alive is shorter than "
        "the balancer's 60 s, it crashed on the request, or its answer is no HTTP.",
        fix="Set the server's keep-alive to 65 s or more (uvicorn --timeout-keep-alive, gunicorn "
        "--keep-alive), and end at SIGTERM only after open requests.",
        command="seatrial logs{at} {service}",
        look=either(_own_answers("502"), said(r"502 Bad Gateway", of=COMMAND)),
    ),
    Check(
        id="D55",
        title="an address has a port on which nobody listens",
        cause="The load balancer listens on the ports of its listeners alone, not on the "
        "container's.",
        fix="Use `${{NAME.url}}` of the service in env; never write the address yourself.",
        command="seatrial outputs{at}",
        look=either(
            _other_port,
            said(
                r"(?i)(connection refused|ConnectTimeout|ERR_CONNECTION_TIMED_OUT).*\.elb\.",
                r"(?i)\.elb\..*(connection refused|ConnectTimeout|ERR_CONNECTION_TIMED_OUT)",
                of=PROGRAM,
            ),
            said(r"ERR_CONNECTION_TIMED_OUT|Connection refused(?!.*8200)", of=COMMAND),
        ),
    ),
    Check(
        id="D56",
        title="WebSockets do not stay with their task",
        cause="More than one task without stickiness, or a CDN that does not pass on Upgrade.",
        fix="Set services.{service}.public.sticky, or keep sessions in a cache.",
        command="seatrial explain services.public",
        look=either(_not_sticky, said(r"WebSocket connection .* failed", of=PROGRAM)),
    ),
    Check(
        id="D57",
        title="HTTPS has no valid certificate",
        cause="No listener has port 443, or its certificate is in another region, has expired or "
        "is for another domain.",
        fix="Set `domain`: a deploy makes certificate, listener and the redirect from HTTP.",
        command="aws acm list-certificates",
        look=either(
            _bad_certificate,
            said(r"CertificateNotFound|UnsupportedCertificate", of=COMMAND),
            said(r"SSL_ERROR_\w+|ERR_CERT_\w+|CERTIFICATE_VERIFY_FAILED", of=COMMAND),
        ),
    ),
)
