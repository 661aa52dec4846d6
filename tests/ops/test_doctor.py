"""Doctor's checks: each of the catalogue's entries named from facts alone, healthy ones silent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from helpers import ROOT
from seatrial.cli.main import COMMANDS
from seatrial.diagnosis.catalogue import CHECKS, FAMILIES
from seatrial.diagnosis.facts import (
    Certificate,
    Client,
    Database,
    Facts,
    FailedCheck,
    Group,
    Listener,
    Network,
    Page,
    Said,
    Secret,
    Service,
    Task,
)
from seatrial.errors import Problem
from seatrial.ops.doctor import surroundings
from seatrial.ops.doctor.examine import judge, read, remember, remembered

CATALOGUE = Path(ROOT).parent / "shared" / "reference" / "doctor.json"
WEB = Service(
    name="web",
    desired=2,
    running=2,
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/a@sha256:0",
    plain={"PORT": "8080", "DATABASE_HOST": "a-db.aaaa.us-east-1.rds.amazonaws.com"},
    secrets=("arn:aws:secretsmanager:us-east-1:123456789012:secret:a/dev/db-AbCdEf",),
    log_group="/a/dev/web",
    groups=(Group(name="a-web", states=("healthy", "healthy"), sticky=True),),
    network=Network(
        routes={"subnet-1": "nat-1"}, gateways={"nat-1": "available"}, free={"subnet-1": 200}
    ),
)
HEALTHY = Facts(
    services=(WEB,),
    tasks=(Task(id="1", service="web", digest="sha256:0"), Task(id="2", service="web")),
    databases=(Database(name="a-db", host="a-db.aaaa.us-east-1.rds.amazonaws.com"),),
    secrets=(Secret("a/dev/db", "there"),),
    certificates=(Certificate(domain="example.com", status="ISSUED"),),
    listeners=(Listener(host="x.elb.amazonaws.com", port=443, protocol="HTTPS"),),
    clients=(Client(name="a", callbacks=("https://example.com/back",), flows=("code",)),),
    pages=(Page(site="site", cached="public, max-age=0, must-revalidate"),),
    refused={"502": 1.0},
    said=(
        Said("log", "logs", '10.0.0.1 - "GET /health HTTP/1.1" 200\nStarted server process', "web"),
        Said("event", "events", "(service web) registered 1 targets in (target-group a)", "web"),
    ),
)


def stop(reason: str) -> Facts:
    """Return the facts where a task ended with this reason, and its service does not serve."""
    return _with(Said("stop", "stoppedReason", reason, "web"))


def event(text: str) -> Facts:
    return _with(Said("event", "events", text, "web"))


def end(lines: str) -> Facts:
    """Return the facts where a task's last lines were these."""
    ended = "Essential container in task exited"
    return _with(Said("stop", "stoppedReason", ended, "web"), Said("end", "logs", lines, "web"))


def log(lines: str) -> Facts:
    """Return the facts where a task that runs wrote these lines."""
    return replace(HEALTHY, said=(Said("log", "logs", lines, "web"),))


def error(text: str) -> Facts:
    """Return the facts where a command failed, and nothing is deployed."""
    return Facts(said=(Said("error", "the command", text),))


def web(**changes: object) -> Facts:
    return replace(HEALTHY, services=(replace(WEB, **changes),))  # type: ignore[arg-type]


def _with(*said: Said) -> Facts:
    states = (Group(name="a-web", states=("unhealthy",)),)
    return replace(HEALTHY, said=said, services=(replace(WEB, running=0, groups=states),))


def database(**changes: object) -> Facts:
    one = replace(HEALTHY.databases[0], **changes)  # type: ignore[arg-type]
    return replace(HEALTHY, databases=(one,))


def ended(code: str, exit_code: int | None = None) -> Facts:
    return replace(HEALTHY, tasks=(Task(id="1", service="web", code=code, exit_code=exit_code),))


NO_ROUTE = Network(routes={"subnet-1": ""})
HALF = frozenset({"ecr.api", "ecr.dkr", "s3", "logs"})
INIT = "ResourceInitializationError: unable to pull secrets or registry auth: "
OPERATION = "Error: creating ECS Service (web): operation error ECS: CreateService, "
# Facts and the finding that must come first.
TABLE: tuple[tuple[str, Facts], ...] = (
    ("D01", stop("CannotPullContainerError: failed to resolve ref 1.dkr.ecr/a:9: not found")),
    ("D01", stop("CannotPullContainerError: pull image manifest has been retried 1 time(s)")),
    ("D02", error("RepositoryNotFoundException: The repository with name 'a' does not exist in")),
    ("D03", stop(f"{INIT}unable to retrieve ecr registry auth: service call has been retried 3 "
                 "time(s): RequestError: send request failed caused by: i/o timeout")),
    ("D03", web(network=NO_ROUTE)),
    ("D03", web(network=Network(routes={"subnet-1": "igw-1"}))),
    ("D03", web(network=replace(WEB.network, lets_out=False))),
    ("D04", stop("AccessDeniedException: r is not authorized to perform: ecr:BatchGetImage on a")),
    ("D05", end("exec /usr/bin/python: exec format error")),
    ("D05", replace(HEALTHY, verified=(("verify-image", "the image of `web` is not for x86_64"),))),
    ("D06", stop("CannotPullContainerError: toomanyrequests: You have reached your pull rate")),
    ("D08", error("tag invalid: The image tag 'v1' already exists in the 'a' repository and can")),
    ("D09", replace(web(image="a:latest"), tasks=(
        Task(id="1", service="web", digest="sha256:1"),
        Task(id="2", service="web", digest="sha256:2"),
    ))),
    ("D10", stop(f"{INIT}unable to retrieve secret from asm: ResourceNotFoundException: gone")),
    ("D10", replace(HEALTHY, secrets=(Secret("a/dev/key", "deleted"),))),
    ("D10", replace(HEALTHY, secrets=(Secret("a/dev/key", "empty"),))),
    ("D11", stop(f"{INIT}AccessDeniedException: User: arn is not authorized to perform: "
                 "secretsmanager:GetSecretValue on resource: b because no identity-based policy")),
    ("D12", stop(f"{INIT}AccessDeniedException: Access to KMS is not allowed")),
    ("D14", stop(f"{INIT}unable to retrieve secret from asm: context deadline exceeded, timeout")),
    ("D14", web(network=replace(NO_ROUTE, endpoints=HALF))),
    ("D15", stop("ResourceInitializationError: failed to validate logger args: create stream has")),
    ("D15", web(log_group_there=False)),
    ("D16", error("InvalidRequestException: You can't create this secret because a secret with "
                  "this name is already scheduled for deletion.")),
    ("D17", end("Traceback (most recent call last):\nKeyError: 'STRIPE_KEY'")),
    ("D17", end("pydantic: 1 validation error\nKEY\n  Field required [type=missing, input")),
    ("D20", stop("OutOfMemoryError: Container killed due to memory usage")),
    ("D22", end("Traceback (most recent call last):\nValueError: no")),
    ("D23", stop('CannotStartContainerError: exec: "serve": executable file not found in $PATH')),
    ("D23", ended("EssentialContainerExited", 127)),
    ("D25", stop("Task failed container health checks")),
    ("D26", end("OSError: [Errno 30] Read-only file system: '/app/cache'")),
    ("D27", error(OPERATION + "ClientException: No Fargate configuration exists for given values")),
    ("D28", ended("SpotInterruption")),
    ("D29", ended("TerminationNotice")),
    ("D30", event("(service web) was unable to place a task. Reason: Capacity is unavailable at "
                  "this time. Please try again later or in a different availability zone.")),
    ("D30", web(running=0, network=replace(WEB.network, free={"subnet-1": 0}))),
    ("D31", event("(service web) was unable to place a task. Reason: You've reached the limit on "
                  "the number of vCPUs you can run concurrently.")),
    ("D32", event("(service web) is unable to consistently start tasks successfully.")),
    ("D33", _with(Said("rollout", "rolloutStateReason", "ECS deployment circuit breaker: tasks "
                       "failed to start. rolling back to deployment ecs-svc/12", "web"))),
    ("D33", web(deployment="ROLLBACK_SUCCESSFUL: tasks failed")),
    ("D34", web(deployment="ROLLBACK_SUCCESSFUL: alarm", alarms=("a-5xx",))),
    ("D35", event("(service web) was unable to stop or start tasks during a deployment because")),
    ("D35", web(least=100, most=100)),
    ("D36", event("(service web) operations are being throttled on elb. Will try again later.")),
    ("D36", error("api error Throttling: Rate exceeded")),
    ("D37", error(OPERATION + "A capacity provider strategy cannot contain a mix of capacity "
                  "providers using Auto Scaling groups and Fargate providers.")),
    ("D38", error(OPERATION + "Unable to assume the service linked role. Please verify")),
    ("D39", stop("ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided")),
    ("D40", error("AccessDeniedException: u is not authorized to perform: iam:PassRole on r")),
    ("D42", stop("The selected task definition is not compatible with the selected compute "
                 "strategy")),
    ("D43", error(OPERATION + "InvalidParameterException: The target group with targetGroupArn "
                  "arn:x does not have an associated load balancer.")),
    ("D43", web(groups=(replace(WEB.groups[0], balanced=False),))),
    ("D44", error("An error occurred (TargetNotConnectedException) when calling ExecuteCommand")),
    ("D44", replace(HEALTHY, tasks=(Task(id="1", service="web", agent="STOPPED"),))),
    ("D44", web(plain={"AWS_ACCESS_KEY_ID": "AKIA"})),
    ("D45", web(running=0, groups=())),
    ("D50", web(checks=(FailedCheck("code", "GET /health answers 404", "Answer 200."),))),
    ("D50", stop("Task failed ELB health checks in (target-group x)")),
    ("D51", web(checks=(FailedCheck("silent", "GET / gets no answer", "Answer sooner."),))),
    ("D51", web(checks=(FailedCheck("refused", "listens on 127.0.0.1", "Let it."),))),
    ("D52", web(groups=(replace(WEB.groups[0], states=()),))),
    ("D53", replace(HEALTHY, refused={"502": 40.0})),
    ("D55", replace(web(plain={"API": "http://X.elb.amazonaws.com:8002/v1"}))),
    ("D56", replace(log("WebSocket connection to 'wss://x' failed"), services=HEALTHY.services)),
    ("D57", replace(HEALTHY, certificates=(Certificate(domain="a.b", status="EXPIRED"),))),
    ("D57", error("CertificateNotFound: Certificate 'arn' not found")),
    ("D60", database(closed_to=("web",))),
    ("D60", log('connection to server at "db", port 5432 failed: Connection timed out')),
    ("D60", log("(2003, \"Can't connect to MySQL server on 'db' (110)\")")),
    ("D60", end('connection to server at "db", port 5432 failed: Connection refused')),
    ("D61", log('FATAL: no pg_hba.conf entry for host "10.0.0.1", user "a", no encryption')),
    ("D62", log('connection to server at "db" (10.0.0.9), port 5433 failed: FATAL:  password '
                'authentication failed for user "app_owner"')),
    ("D62", log("(1045, \"Access denied for user 'app_owner'@'10.0.0.9' (using password: YES)\")")),
    ("D63", error("InvalidParameterValue: The parameter MasterUserPassword is not a valid password"
                  ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")),
    ("D64", error("MasterUsername admin cannot be used as it is a reserved word used by the")),
    ("D65", log("FATAL:  sorry, too many clients already")),
    ("D65", log("FATAL: remaining connection slots are reserved for roles with SUPERUSER")),
    ("D67", database(status="stopped", events=("DB instance stopped",))),
    ("D68", error("InvalidParameterCombination: Cannot find version 9.6 for postgres")),
    ("D68", replace(HEALTHY, verified=(("verify-engine", "PostgreSQL 12 left support"),))),
    ("D69", error("DBSnapshotAlreadyExists: Cannot create the snapshot because one exists")),
    ("D69", error("InvalidParameterCombination: Cannot delete protected DB Instance, disable")),
    ("D70", end("alembic.util.exc.CommandError: Can't locate revision identified by 'a1'")),
    ("D70", error('psycopg.errors.DuplicateTable: relation "t" already exists')),
    ("D71", log('could not translate host name "old-db" to address: Name or service not known')),
    ("D71", web(plain={"DB": "postgres://old-db.aaaa.us-east-1.rds.amazonaws.com/x"})),
    ("D80", replace(HEALTHY, certificates=(Certificate(domain="a.b", status="PENDING_VALIDATION",
                                                       records=("_x.a.b CNAME _y.acm",)),))),
    ("D81", replace(HEALTHY, certificates=(
        Certificate(domain="a.b", status="FAILED", reason="CAA_ERROR"),))),
    ("D82", error("InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in "
                  "us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")),
    ("D83", error("CNAMEAlreadyExists: One or more of the CNAMEs you provided are already")),
    ("D84", error("AccessDenied: User: u is not authorized to perform: s3:PutBucketPolicy because "
                  "public policies are blocked by the BlockPublicPolicy block public access")),
    ("D86", replace(HEALTHY, pages=(Page(site="site", cached="max-age=86400"),))),
    ("D87", error("BucketNotEmpty: The bucket you tried to delete is not empty")),
    ("D88", log("Access to fetch at 'https://api' has been blocked by CORS policy")),
    ("D88", web(plain={"ALLOW_ORIGINS": "http://3.92.1.7:3000"})),
    ("D90", error("InvalidParameterException: http://x.elb.amazonaws.com/cb cannot use the HTTP "
                  "protocol.")),
    ("D90", replace(HEALTHY, clients=(Client(name="a", callbacks=("http://x.elb/cb",)),))),
    ("D92", log("InvalidOAuthFlowException: code flow is not allowed")),
    ("D92", replace(HEALTHY, clients=(
        Client(name="a", callbacks=("https://x/cb",), uses_flows=False),))),
    ("D93", log("NotAuthorizedException: Unable to verify secret hash for client 1h2")),
    ("D94", log("UserNotConfirmedException: User is not confirmed.")),
    ("D100", log("ValidationException: Invocation of model ID anthropic.x with on-demand "
                 "throughput isn\u2019t supported. Retry your request with the ID or ARN of an")),
    ("D101", log("AccessDeniedException: You don't have access to the model with the specified "
                 "model ID.")),
    ("D103", log("ThrottlingException: Too many tokens, please wait before trying again.")),
    ("D104", log("ingestion job 12 FAILED")),
    ("D105", log('{"stopReason": "guardrail_intervened"}')),
    ("D110", error("api error InvalidClientTokenId: The security token included in the request is "
                   "invalid.")),
    ("D110", error("AccessDenied: User: u is not authorized to perform: ec2:CreateVpc")),
    ("D111", error("ExpiredToken: The security token included in the request is expired")),
    ("D111", replace(HEALTHY, errored_state="x/errored.tfstate")),
    ("D112", error("Error: Could not assume role with OIDC: Not authorized to perform "
                   "sts:AssumeRoleWithWebIdentity")),
    ("D113", error("Error acquiring the state lock\nLock Info: ID: 12")),
    ("D113", replace(HEALTHY, lock="ann ran `seatrial deploy`, and that process is gone")),
    ("D114", error("EntityAlreadyExists: Role with name a already exists.")),
    ("D115", error("MalformedPolicyDocument: Syntax errors in policy.")),
    ("D116", error("DependencyViolation: resource sg-1 has a dependent object")),
    ("D118", error("dial tcp 127.0.0.1:8200: connect: connection refused (127.0.0.1:8200)")),
    ("D119", replace(HEALTHY, spent=90.0, estimated=30.0)),
    ("D120", web(network=replace(
        WEB.network, gateways={"nat-1": "failed"}, endpoints=HALF | {"secretsmanager"}))),
    ("D120", log("httpx.ConnectTimeout: https://api.openai.com/v1/chat timed out")),
    ("D121", error("ERROR: ResolutionImpossible: for help visit")),
)  # fmt: skip


@pytest.mark.G44
@pytest.mark.parametrize(("wanted", "facts"), TABLE)
def test_facts_are_named_by_the_entry_that_they_show(wanted, facts):
    """The first finding is the entry's, with evidence, cause, fix and a command."""
    found = judge(facts).findings
    assert [f.id for f in found][:1] == [wanted], [(f.id, f.evidence) for f in found]
    first = found[0]
    assert first.evidence
    assert all(first.evidence)
    assert not re.search(r"\{(service|at|env|environment|deploy)\}", first.fix + first.command)
    assert first.cause.endswith((".", "last event"))


def test_every_check_is_shown_and_healthy_facts_are_silent():
    """No check is without its row of the table, and none finds anything where all is well."""
    assert {check.id for check in CHECKS} == {wanted for wanted, _ in TABLE}
    assert judge(HEALTHY).findings == ()
    assert judge(Facts()).findings == ()
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(0 < len(family.CHECKS) < 20 for family in FAMILIES)


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue of failures is not here")
def test_every_entry_of_the_catalogue_is_checked():
    """What was collected from guides and public sources has its check."""
    listed = json.loads(CATALOGUE.read_text())["entries"]
    assert {entry["id"] for entry in listed} - {check.id for check in CHECKS} == set()


def test_what_to_type_exists():
    """Every command of Seatrial's that a check names is one."""
    typed = "\n".join(f"{check.command}\n{check.fix}" for check in CHECKS)
    named = set(re.findall(r"seatrial (\w+)", typed))
    assert named
    assert named <= set(COMMANDS)


def test_a_cause_comes_before_what_it_entails():
    """A crash loop that was rolled back is reported by its cause; a general finding gives way."""
    facts = end("Traceback (most recent call last):\nModuleNotFoundError: x\nKeyError: 'A_KEY'")
    facts = replace(facts, services=(replace(facts.services[0], rollout="FAILED"),))
    found = [finding.id for finding in judge(facts).findings]
    assert found[0] == "D17"
    assert {"D33", "D45", "D52"} <= set(found)
    assert "D22" not in found


def test_a_service_that_serves_all_the_same_is_a_warning():
    """Running tasks that log an error do not make the exit code 1."""
    report = judge(log("FATAL: sorry, too many clients already"))
    assert report.well
    assert report.findings[0].severity == "warning"


def test_a_failure_is_stored_for_the_next_visit(tmp_path):
    """What a command reported is read again, without doctor's own words."""
    remember(
        tmp_path, [Problem("x", "DependencyViolation", ""), Problem("doctor-finding", "y", "")]
    )
    assert [said.text for said in remembered(tmp_path)] == ["DependencyViolation"]
    assert judge(Facts(said=tuple(remembered(tmp_path)))).findings[0].id == "D116"
    assert judge(Facts(said=(read("ci.log", "BucketNotEmpty"),))).findings[0].id == "D87"


def test_the_default_route_is_that_of_the_subnets_own_table():
    """A subnet without a table of its own has the VPC's main one; a black hole is no route."""
    main = {
        "Associations": [{"Main": True}],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}],
    }
    own = {
        "Associations": [{"SubnetId": "s-1"}],
        "Routes": [
            {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"}
        ],
    }
    assert surroundings.default_route([main, own], "s-1") == ""
    assert surroundings.default_route([main, own], "s-2") == "igw-1"
