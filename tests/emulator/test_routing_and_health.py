"""Health counting, security groups, schedules, routing: the pure parts of the rehearsal."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from seatrial_emulator.api import security_groups
from seatrial_emulator.api.replayed_calls import Answers
from seatrial_emulator.api.security_groups import Peer, Rule
from seatrial_emulator.ecs import observation, schedules
from seatrial_emulator.ecs.health import TargetHealth, after
from seatrial_emulator.network import routing
from seatrial_emulator.network.routing import Action, Group, Listener, Request


def test_a_target_changes_state_after_consecutive_health_checks():
    """Two good answers make it healthy, three bad ones unhealthy, one of the other kind resets."""
    seen = TargetHealth()
    for good, expected in (
        (True, "initial"),
        (False, "initial"),
        (True, "initial"),
        (True, "healthy"),
        (False, "healthy"),
        (False, "healthy"),
        (False, "unhealthy"),
        (True, "unhealthy"),
        (True, "healthy"),
    ):
        seen = after(seen, good=good, why="x", healthy=2, unhealthy=3)
        assert expected == seen.state


class _Groups:
    """An emulator with target groups and nothing else."""

    def __init__(self, **delays: str) -> None:
        self.target_groups = {
            name: SimpleNamespace(attributes={"deregistration_delay.timeout_seconds": delay})
            for name, delay in delays.items()
        }

    def backend(self, service: str) -> Any:
        return self


def test_a_deleted_target_group_does_not_drain():
    """A destroy deletes the group first: requests in progress cannot delay the task."""
    emulator: Any = _Groups(there="45")
    assert observation._drains(emulator, [("there", "10.0.0.1", 80)]) == 45
    assert observation._drains(emulator, [("gone", "10.0.0.1", 80)]) == 0
    assert observation._drains(emulator, []) == 0


RULES = (
    Rule("app", egress=True, protocol="tcp", low=5433, high=5433, peer_group="db"),
    Rule("db", egress=False, protocol="tcp", low=5433, high=5433, peer_group="app"),
    Rule("app", egress=True, protocol="tcp", low=443, high=443, peer_network="0.0.0.0/0"),
    Rule("lb", egress=False, protocol="tcp", low=80, high=80, peer_prefix="pl-1"),
)
APP, DB = Peer(frozenset({"app"}), "10.0.0.5"), Peer(frozenset({"db"}), "10.0.9.9")


def test_a_starting_target_stays_initial_for_the_health_check_interval():
    """Bad answers while a program may still start count, but only turn it unhealthy after that."""
    seen = TargetHealth()
    for _ in range(9):
        seen = after(seen, good=False, why="no", healthy=2, unhealthy=3, early=True)
    assert (seen.state, seen.bad) == ("initial", 9)
    assert after(seen, good=False, why="no", healthy=2, unhealthy=3).state == "unhealthy"
    well = TargetHealth("healthy", 2)
    for _ in range(3):
        well = after(well, good=False, why="no", healthy=2, unhealthy=3, early=True)
    assert well.state == "unhealthy"


def test_missing_security_group_rules_are_named():
    """Each side that lacks a rule is reported, with the port and the groups."""
    out = security_groups.Rule("sg-a", True, "tcp", 443, 443, peer_group="sg-b")
    lacks = security_groups.lacking(
        (out,),
        security_groups.Peer(frozenset({"sg-a"})),
        security_groups.Peer(frozenset({"sg-b"})),
        80,
    )
    assert lacks == [
        "no egress rule of sg-a lets TCP 80 out to sg-b",
        "no ingress rule of sg-b lets TCP 80 in from sg-a",
    ]


def test_a_connection_needs_an_egress_and_an_ingress_rule():
    """The port, the peer and both directions must be allowed."""
    assert security_groups.connects(RULES, APP, DB, 5433)
    assert not security_groups.connects(RULES, APP, DB, 5432)
    assert not security_groups.connects(RULES[:1], APP, DB, 5433)
    assert not security_groups.connects(RULES[1:], APP, DB, 5433)
    assert not security_groups.connects(RULES, DB, APP, 5433)
    assert security_groups.allows(RULES, frozenset({"lb"}), 80, Peer(prefix="pl-1"), egress=False)
    assert not security_groups.allows(RULES, frozenset({"lb"}), 80, Peer(), egress=False)


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("cron(0 3 * * ? *)", "2026-11-20 03:00", True),
        ("cron(0 3 * * ? *)", "2026-11-20 03:01", False),
        ("cron(0/15 * * * ? *)", "2026-11-20 07:45", True),
        ("cron(0 9 ? * MON-FRI *)", "2026-11-20 09:00", True),
        ("cron(0 9 ? * MON-FRI *)", "2026-11-21 09:00", False),
        ("cron(0 9 1 JAN ? *)", "2027-01-01 09:00", True),
    ],
)
def test_a_cron_expression_matches_its_minutes(expression, moment, expected):
    """AWS's cron is read as EventBridge reads it."""
    assert expected == schedules.matches(expression, datetime.fromisoformat(moment))


def test_a_schedule_fires_once_for_each_of_its_times():
    """At pace 60 a minute is a second; a schedule fires once for each of its moments."""
    clock = schedules.Clock(datetime(2026, 1, 1, tzinfo=UTC), 60)
    fired = [clock.due("j", "cron(*/2 * * * ? *)", "UTC", n / 4) for n in range(41)]
    assert sum(fired) == 5


LISTENER = Listener(
    (
        routing.Rule(1, (("path-pattern", ("/api", "/api/*")),), Action(group="api")),
        routing.Rule(
            2,
            (("host-header", ("*.example.com",)), ("path-pattern", ("/*",))),
            Action(group="host"),
        ),
        routing.Rule(3, (("source-ip", ("192.0.2.1/32",)),), Action(group="never")),
    ),
    Action(status=404),
)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [("x", "/api", "api"), ("x", "/api/v1?a=b", "api"), ("x", "/apiary", ""),
     ("A.Example.com:80", "/", "host"), ("x", "/API", ""), ("x", "/", "")],
)  # fmt: skip
def test_the_first_matching_listener_rule_is_used(host, path, expected):
    """Paths are case sensitive, hosts are not; the query does not count; a rule needs all."""
    assert expected == routing.choose(LISTENER, Request(host, path, "10.0.0.1")).group


def test_without_healthy_targets_all_targets_get_requests():
    """An ALB fails open: to unhealthy targets, to new ones where there is no other; draining
    targets get nothing new."""
    targets = {("a", 1): "unhealthy", ("b", 1): "initial", ("c", 1): "draining"}
    assert routing.eligible(Group(targets)) == [("a", 1)]
    assert routing.eligible(Group(targets | {("b", 1): "healthy"})) == [("b", 1)]
    assert routing.eligible(Group(targets | {("a", 1): "draining"})) == [("b", 1)]
    assert routing.eligible(Group({("c", 1): "draining"})) == []


def test_success_codes_may_be_lists_and_ranges():
    """`200,300-310` means what AWS means by it."""
    assert [routing.code_counts("200,300-310", code) for code in (200, 201, 300, 310, 311)] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_retried_call_gets_the_answer_of_its_first_attempt():
    """A second attempt gets the first one's good answer; a refusal is asked anew; others too."""
    requested: list[str] = []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        requested.append(environ["PATH_INFO"])
        start(
            "400 Bad" if environ["PATH_INFO"] == "/no" else "200 OK", [("n", str(len(requested)))]
        )
        return [str(len(requested)).encode()]

    answers, reported = Answers(), []
    for path, number in (
        ("/a", "1"),
        ("/a", "1"),
        ("/no", "2"),
        ("/no", "2"),
        ("/b", ""),
        ("/b", ""),
    ):
        environ = {"PATH_INFO": path, "HTTP_AMZ_SDK_INVOCATION_ID": number}
        reported.append(answers.of(app, environ, lambda *_: None)[0])
    assert reported == [b"1", b"1", b"2", b"3", b"4", b"5"]
    for index in range(1000):
        environ = {"PATH_INFO": "/c", "HTTP_AMZ_SDK_INVOCATION_ID": f"c{index}"}
        answers.of(app, environ, lambda *_: None)
    assert len(answers.found) == 512
