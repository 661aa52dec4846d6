"""Verbs that ask an account: what they send, and what they make of AWS's answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from seatrial.cloud import blueprints, models, permissions, tasks
from seatrial.cloud.session import Session
from seatrial.errors import CredentialsError, UsageError, UserError
from seatrial.events import Event, LogLine
from seatrial.model.app import App
from seatrial.ops import backup, composing, files, prices, run, secret_generation, spending, verify
from seatrial.ops.images import builds
from seatrial.ops.images.build_input import BuildInput
from seatrial.ops.release.operation import Operation
from seatrial.ops.verify import images, secrets
from seatrial.ops.verify import permissions as allowed
from seatrial.ops.verify.finding import Case, Finding
from seatrial.target import Target

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/live/%s"
NO_SECRET = "ResourceNotFoundException"
V1, V2 = "1" * 32, "2" * 32  # versions of a secret
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def service(**fields: Any) -> dict[str, Any]:
    """Return a service as ECS describes it."""
    return {"status": "ACTIVE", "taskDefinition": "shop-live-api:7", **fields}


def test_a_command_runs_with_what_the_service_runs_with(
    aws: Session, shop: App, events: list[Event]
):
    """Its definition, network and log stream; each line comes once, then the exit code."""
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
    options = {"awslogs-group": "/shop/live/api", "awslogs-stream-prefix": "api"}
    containers = [{"name": "main", "logConfiguration": {"options": options}}]
    sent: list[Any] = []

    def started(body: Any) -> dict[str, Any]:
        sent.append(json.loads(body))
        return {"tasks": [{"taskArn": "arn:t/abc"}], "failures": []}

    ended = {"taskArn": "arn:t/abc", "lastStatus": "STOPPED", "containers": [{"exitCode": 4}]}
    answers(
        aws, "ecs",
        DescribeServices={"services": [
            service(networkConfiguration={"awsvpcConfiguration": network})]},
        DescribeTaskDefinition={"taskDefinition": {"containerDefinitions": containers}},
        RunTask=started,
        DescribeTasks={"tasks": [ended]},
    )  # fmt: skip
    row = {"timestamp": 5, "logStreamName": "api/main/abc", "eventId": "1", "message": "hi"}
    answers(aws, "logs", FilterLogEvents={"events": [row]})
    report = run.run(shop, aws, "api", ["ls", "-l"], events.append)
    assert (report.task, report.exit_code) == ("abc", 4)
    assert [e.text for e in events if isinstance(e, LogLine)] == ["hi"]
    assert sent[0]["networkConfiguration"]["awsvpcConfiguration"] == network
    assert sent[0]["overrides"] == {
        "containerOverrides": [{"name": "main", "command": ["ls", "-l"]}]
    }


def test_a_service_that_does_not_serve_runs_nothing(aws: Session, shop: App, events: list[Event]):
    """One that is being deleted is listed for a while."""
    answers(aws, "ecs", DescribeServices={"services": [service(status="INACTIVE")]})
    assert blueprints.of(aws, "shop-live", "api") is None
    with pytest.raises(UsageError, match="no service `api` serves"):
        run.run(shop, aws, "api", ["ls"], events.append)


def test_running_tasks_are_listed_the_oldest_first(aws: Session):
    """One that has not started has no time yet: it is the newest."""
    rows = [
        {"taskArn": f"a/{name}", "lastStatus": "RUNNING", "taskDefinitionArn": "d/api:7", **more}
        for name, more in (("new", {}), ("old", {"startedAt": MOMENT}))
    ]
    answers(aws, "ecs", ListTasks={"taskArns": ["a/new"]}, DescribeTasks={"tasks": rows})
    found = tasks.running(aws, "shop-live", "api")
    assert [(t.id, t.revision, t.health) for t in found] == [
        ("old", "api:7", "UNKNOWN"),
        ("new", "api:7", "UNKNOWN"),
    ]


def test_each_day_and_service_has_its_cost(monkeypatch: pytest.MonkeyPatch, shop: App):
    """Days without a row cost nothing; the dearest service is first; two pages are added up."""
    session = Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)
    monkeypatch.setattr(spending, "Session", lambda _: session)

    def page(body: Any) -> dict[str, Any]:
        second = "NextPageToken" in json.loads(body)
        rows = [("RDS", "1.25"), ("ECS", "2")] if not second else [("RDS", "0.5")]
        groups = [
            {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": amount}}}
            for name, amount in rows
        ]
        day = "2026-11-02" if second else "2026-11-01"
        found = {"ResultsByTime": [{"TimePeriod": {"Start": day}, "Groups": groups}]}
        return found if second else found | {"NextPageToken": "2"}

    answers(session, "ce", GetCostAndUsage=page)
    report = spending.spent(shop, session.target, 3, date(2026, 11, 4))
    assert report.days == {"2026-11-01": 3.25, "2026-11-02": 0.5, "2026-11-03": 0.0}
    assert list(report.services.items()) == [("ECS", 2.0), ("RDS", 1.75)]
    assert report.total == 3.75
    assert 0 < report.estimated < 100


def test_refreshed_prices_stay_in_the_project(
    monkeypatch: pytest.MonkeyPatch, shop: App, tmp_path: Path
):
    """Beside those of other regions; what AWS has no single price for is listed, not stored."""
    session = Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)
    monkeypatch.setattr(prices, "Session", lambda _: session)
    dimensions = {"d": {"unit": "Hrs", "pricePerUnit": {"USD": "0.016"}}}
    offer = {"terms": {"OnDemand": {"o": {"priceDimensions": dimensions}}}}
    (tmp_path / ".seatrial").mkdir()
    (tmp_path / ".seatrial/prices.json").write_text('{"eu-west-1": {"k": {"price": 1}}}')
    answers(session, "pricing", GetProducts={"PriceList": [json.dumps(offer)]})
    found, missing = prices.refresh(shop, session.target, tmp_path, date(2026, 11, 1))
    key = f"rds.postgres.{shop.databases['db'].class_}.single"
    assert (found[key]["price"], missing) == (0.016, [])
    assert prices.saved(tmp_path) == {"eu-west-1": {"k": {"price": 1}}, "us-east-1": found}
    session.clients.clear()
    answers(session, "pricing", GetProducts={"PriceList": []})
    assert prices.refresh(shop, session.target, tmp_path, date(2026, 11, 2)) == ({}, [key])
    (tmp_path / ".seatrial/prices.json").write_text("no JSON")
    assert prices.saved(tmp_path) == {}


def test_backups_are_listed_by_database(monkeypatch: pytest.MonkeyPatch, shop: App):
    """With their moment in UTC; one that is being taken has none yet."""
    session = Session(Target("live", "123456789012", "us-east-1", Path("nowhere")), 1)
    monkeypatch.setattr(backup, "Session", lambda _: session)
    row = {"DBInstanceIdentifier": "i", "AllocatedStorage": 20, "SnapshotType": "manual"}
    rows = [
        row | {"DBSnapshotIdentifier": "s1", "Status": "available", "SnapshotCreateTime": MOMENT},
        row | {"DBSnapshotIdentifier": "s2", "Status": "creating"},
    ]
    answers(session, "rds", DescribeDBSnapshots={"DBSnapshots": rows})
    found = [made.as_json() for made in backup.backups(shop, session.target)]
    assert [(row["name"], row["at"], row["noun"]) for row in found] == [
        ("s2", "", "db"),
        ("s1", "2026-11-01T12:00:00+00:00", "db"),
    ]


def test_secrets_get_values_and_all_that_lack_one_are_named(aws: Session, shop: App):
    """Generated ones in their shape; one set by hand from its source, or it is missing."""
    put: dict[str, str] = {}

    def stored(body: Any) -> dict[str, Any]:
        row = json.loads(body)
        put[row["SecretId"].rpartition("/")[2]] = row["SecretString"]
        return {"VersionId": "v"}

    answers(
        aws, "secretsmanager", GetSecretValue=refused(NO_SECRET),
        PutSecretValue=stored,
    )  # fmt: skip
    arns, notes = {noun: ARN % noun for noun in shop.secrets}, list[Event]()
    with pytest.raises(UserError, match="the secret `byhand` has no value"):
        secret_generation.secret_values(aws, shop, arns, lambda _: None, notes.append)
    assert (len(put["token"]), set(json.loads(put["pair"])), "byhand" in put) == (
        24, {"a", "b"}, False,
    )  # fmt: skip
    assert put["token"] not in str(notes)
    secret_generation.secret_values(aws, shop, arns, lambda noun: f"{noun}!", notes.append)
    assert put["byhand"] == "byhand!"


@pytest.mark.parametrize(
    ("resource", "again", "rotated"), [("db-1", False, False), ("db-1", True, True),
                                       ("db-0", False, True)],
)  # fmt: skip
def test_a_password_is_rotated_where_it_is_due(
    aws: Session, resource: str, again: bool, rotated: bool
):
    """Where it was made for another instance (restored, replaced), or on request."""
    row = {
        "DBInstanceIdentifier": "db", "DbiResourceId": "db-1", "MasterUsername": "owner",
        "DBInstanceStatus": "available", "DBInstanceClass": "c", "Engine": "mysql", "DBName": "d",
        "Endpoint": {"Address": "h", "Port": 3306},
    }  # fmt: skip
    rds = answers(aws, "rds", DescribeDBInstances={"DBInstances": [row]}, ModifyDBInstance={})
    sent: list[Any] = []

    def value(body: Any) -> dict[str, Any]:
        if json.loads(body)["VersionStage"] == "AWSPENDING":
            return refused(NO_SECRET)
        return {"SecretString": json.dumps({"resource_id": resource}), "VersionId": V1}

    def put(body: Any) -> dict[str, Any]:
        sent.append(json.loads(json.loads(body)["SecretString"]))
        return {"VersionId": V2}

    answers(
        aws, "secretsmanager", GetSecretValue=value, PutSecretValue=put,
        DescribeSecret={"VersionIdsToStages": {V1: ["AWSCURRENT"], V2: ["AWSPENDING"]}},
        UpdateSecretVersionStage={},
    )  # fmt: skip
    assert secret_generation.database_password(aws, "db", ARN % "db", again=again) is rotated
    assert ("ModifyDBInstance" in rds) is rotated
    if rotated:
        assert sent[0]["url"] == f"mysql://owner:{sent[0]['password']}@h:3306/d"
        assert sent[0]["resource_id"] == "db-1"


class Image:
    """An image that a test builds."""

    notes = ()

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def push(self, _: Session, repository: str) -> str:
        return f"{self.digest} in {repository}"


def test_services_with_one_build_share_an_image(aws: Session, shop: App, tmp_path: Path):
    """It is built once, and asked for by tag in its own repository."""
    answers(aws, "ecr", DescribeImages={"imageDetails": [{"imageDigest": "sha256:there"}]})
    built: list[tuple[Path, str]] = []

    def builder(build: BuildInput, known: builds.Known) -> Image:
        built.append((build.folder, build.platform))
        return Image(str(known("c-1")))

    made = builds.build(shop, tmp_path, builder, aws)
    assert built == [(tmp_path / "api", "x86_64")]
    (name,) = made
    pushed = builds.push(aws, made, {name: "registry/shop-live"})
    assert pushed == {name: "registry/shop-live@sha256:there in shop-live"}
    assert builds.Present("d").push(aws, "any") == "d"


def test_only_what_differs_from_a_folder_is_sent(
    work: Operation, app: Callable[..., App], tmp_path: Path, events: list[Event]
):
    """What the last deploy put there and the folder lost is removed; other objects stay."""
    (tmp_path / "texts").mkdir()
    work.app = app("app: shop\nregion: us-east-1\nbuckets: {b: {files: texts}}\n")
    (tmp_path / "texts/same.txt").write_text("same")
    etag = hashlib.md5(b"same", usedforsecurity=False).hexdigest()
    there = [{"Key": "same.txt", "ETag": f'"{etag}"'}, {"Key": "of-others", "ETag": '"x"'}]
    called = answers(work.session, "s3", ListObjectsV2={"Contents": there})
    assert files.sync(work, tmp_path) == set()
    assert set(called) == {"ListObjectsV2"}
    assert files._before(b'["a", 1]') == {"a", "1"}
    assert files._before(b"no JSON") == files._before(b"1") == files._before(b"") == set()


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/ann"),
        ("arn:aws:sts::1:assumed-role/deployer/s", "arn:aws:iam::1:role/ci/deployer"),
        ("arn:aws:iam::1:root", ""),
    ],
)
def test_who_deploys_is_a_user_or_the_role_behind_the_session(aws: Session, arn: str, name: str):
    """A role's own ARN has its path; the account's root has no policies."""
    answers(aws, "sts", GetCallerIdentity={"Arn": arn})
    answers(aws, "iam", GetRole={"Role": {"Arn": "arn:aws:iam::1:role/ci/deployer"}})
    assert permissions.principal(aws) == name


def test_actions_that_iam_would_refuse_are_a_warning(aws: Session, shop: App):
    """Named, a few of them; the account's root is not simulated."""
    case = Case(shop, aws, lambda _: None, 600)
    answers(aws, "sts", GetCallerIdentity={"Arn": "arn:aws:iam::1:user/ann"})
    row = {"EvalActionName": "rds:CreateDBInstance", "EvalDecision": "implicitDeny"}
    good = {"EvalActionName": "ecs:CreateCluster", "EvalDecision": "allowed"}
    answers(aws, "iam", SimulatePrincipalPolicy={"EvaluationResults": [row, good]})
    (finding,) = allowed.check(case)
    assert (finding.code, finding.severity) == ("verify-permissions", "warning")
    assert "rds:CreateDBInstance" in finding.evidence
    assert "ecs:CreateCluster" not in finding.evidence


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ({"images": []}, "does not exist"),
        ({"images": [{"imageManifest": json.dumps(
            {"manifests": [{"platform": {"architecture": "arm64"}}]})}]}, "is not for x86_64"),
        ({"images": [{"imageManifest": json.dumps(
            {"manifests": [{"platform": {"architecture": "amd64"}}]})}]}, ""),
        ({"images": [{"imageManifest": "{}"}]}, ""),
    ],
)  # fmt: skip
def test_an_image_must_be_there_for_the_platform(
    aws: Session, app: Callable[..., App], answer: dict[str, Any], title: str
):
    """A manifest of one platform does not say which; other accounts' images are not looked at."""
    url = "%s.dkr.ecr.us-east-1.amazonaws.com/tool@sha256:" + "1" * 64
    text = "app: a\nregion: us-east-1\nservices: {s: {image: '%s', command: x}}\n"
    answers(aws, "ecr", BatchGetImage=answer)
    case = Case(app(text % (url % "123456789012")), aws, lambda _: None, 0)
    assert [f.title for f in images.check(case)] == [f"the image of `s` {title}"] * bool(title)
    assert list(images.check(Case(app(text % (url % ("9" * 12))), aws, lambda _: None, 0))) == []


def test_secrets_without_a_value_or_a_key_are_errors(aws: Session, shop: App):
    """Of those set by hand; one on its way to deletion is a warning."""

    def described(body: Any) -> dict[str, Any]:
        name = json.loads(body)["SecretId"]
        return {"Name": name, "DeletedDate": MOMENT} if name.endswith("token") else {"Name": name}

    def value(body: Any) -> dict[str, Any]:
        if json.loads(body)["SecretId"].endswith("pair"):
            return {"SecretString": '{"a": "1"}', "VersionId": "v"}
        return refused(NO_SECRET)

    answers(aws, "secretsmanager", DescribeSecret=described, GetSecretValue=value)
    found = list(secrets.check(Case(shop, aws, lambda _: None, 0)))
    assert [(f.code, f.key) for f in found] == [
        ("verify-secret-missing", "secrets.byhand"),
        ("verify-secret-keys", "secrets.pair.keys"),
        ("verify-secret-deleted", "secrets.token"),
    ]


def test_what_cannot_be_checked_is_a_finding_and_lost_credentials_are_an_error(
    shop: App, aws: Session
):
    """A refused call is no success; without an identity nothing can be judged."""

    def check(error: UserError) -> Callable[[Case], list[Finding]]:
        def raised(_: Case) -> list[Finding]:
            raise error

        return raised

    case = Case(shop, aws, lambda _: None, 0)
    (finding,) = verify._checked("quotas", check(UserError.of("aws-refused", "no", "fix")), case)
    assert (finding.code, finding.title) == ("verify-unchecked", "quotas could not be checked")
    with pytest.raises(CredentialsError):
        verify._checked("quotas", check(CredentialsError.of("aws-credentials", "no", "x")), case)
    report = verify.VerifyReport((finding,), 9)
    verify.refuse(report)
    assert report.errors == ()


def test_a_model_that_bedrock_does_not_know_is_not_available(aws: Session):
    """Neither is a profile; a refusal is an error, for it says nothing of the model."""
    answers(
        aws, "bedrock", GetFoundationModelAvailability=refused("ValidationException"),
        GetInferenceProfile=refused("AccessDeniedException"),
    )  # fmt: skip
    assert not models.availability(aws, "no.such-model").good
    with pytest.raises(UserError, match="to look for the inference profile"):
        models.has_profile(aws, "us.x")


def test_a_text_with_a_secret_inside_is_put_together_and_written_once(work: Operation, shop: App):
    """Where a deploy has made its container; a secret without a value is named."""
    env = {"U": "https://a:${token.value}@b"}
    api = shop.services["api"].model_copy(update={"env": env})
    given = shop.model_copy(update={"services": {"api": api}})
    stored: dict[str, str] = {"token": "s3cret"}

    def value(body: Any) -> dict[str, Any]:
        found = stored.get(json.loads(body)["SecretId"].rpartition("/")[2])
        return {"SecretString": found, "VersionId": V1} if found else refused(NO_SECRET)

    def put(body: Any) -> dict[str, Any]:
        row = json.loads(body)
        stored[row["SecretId"].rpartition("/")[2]] = row["SecretString"]
        return {"VersionId": V2}

    called = answers(work.session, "secretsmanager", GetSecretValue=value, PutSecretValue=put)
    composing.compose(work, given)
    assert called == []
    names = ("token", "api_env")
    work.values["foundation"] = {
        f"secretsmanager_secret_{name}": {"arn": ARN % name} for name in names
    }
    composing.compose(work, given)
    (composed,) = json.loads(stored["api_env"]).values()
    assert composed == "https://a:s3cret@b"
    composing.compose(work, given)
    assert called.count("PutSecretValue") == 1
    del stored["token"]
    with pytest.raises(UserError, match="has no value yet"):
        composing.compose(work, given)
