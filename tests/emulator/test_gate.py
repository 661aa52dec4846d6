"""Who may call the emulator's port: each test asks as an attacker would, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code, user
from requests_to_aws import CALLER, FORM, JSON, LIST, ask, presigned, signed

pytestmark = pytest.mark.slow


ADMINISTRATION = (
    "/moto-api/", "/moto-api/reset", "/moto-api/reset-auth", "/moto-api/data.json",
    "/moto-api/seed?a=1", "/moto-api/recorder/start-recording", "/moto-api/config",
    "/moto-api/recorder/replay-recording", "/moto-api/recorder/upload-recording",
    "/moto-api/state-manager/set-transition", "//moto-api/reset-auth", "/%6doto-api/reset-auth",
    "/latest/meta-data/iam/security-credentials/x", "/favicon.ico",
)  # fmt: skip


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_there_is_no_administration(emulator: EmulatorProcess, path: str):
    """moto's own paths are not there, whoever asks, signed or not."""
    for headers in ({"Content-Type": "text/plain"}, signed(emulator, "sts", CALLER, FORM)):
        for method in ("GET", "POST"):
            assert ask(emulator, method, path, CALLER, headers)[0] in (403, 404)
    status, body, _ = ask(emulator, "POST", "/", b"{}", LIST)
    assert (status, json.loads(body)["__type"]) == (400, "MissingAuthenticationTokenException")


def test_a_scope_that_names_administration_reaches_none(emulator: EmulatorProcess):
    """The service that a signature is for chooses among AWS's services only."""
    for service in ("motoapi", "moto_api", "motoapi.amazonaws.com", "instance_metadata"):
        headers = signed(emulator, service, b"9", {"Content-Type": "text/plain"})
        status, _, _ = ask(emulator, "POST", "/moto-api/reset-auth", b"9", headers)
        assert status in (400, 403, 404, 501)


MADE_UP = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")


@pytest.mark.parametrize(
    ("service", "body", "headers", "status", "wanted"),
    [
        ("sts", CALLER, FORM, 403, "InvalidClientTokenId"),
        ("secretsmanager", b"{}", LIST, 400, "UnrecognizedClientException"),
        ("ec2", b"Action=DescribeVpcs&Version=2016-11-15", FORM, 401, "AuthFailure"),
        ("cloudfront", b"", {}, 403, "InvalidClientTokenId"),
        ("chatbot", b"{}", JSON, 403, "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused_in_the_service_s_words(
    emulator: EmulatorProcess, service, body, headers, status, wanted
):
    """A made-up key is nobody's, and each protocol says so as AWS does."""
    found = ask(emulator, "POST", "/", body, signed(emulator, service, body, headers, MADE_UP))
    assert found[0] == status
    assert wanted in found[1]


def test_a_known_key_with_another_secret_signs_nothing(emulator: EmulatorProcess):
    """The name of an access key is no secret: only what its secret signs is answered."""
    keys = (emulator.access_key, "not-the-secret", "")
    found = ask(emulator, "POST", "/", CALLER, signed(emulator, "sts", CALLER, FORM, keys))
    assert (found[0], "SignatureDoesNotMatch" in found[1]) == (403, True)
    client = emulator.client("ecs", aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    with pytest.raises(ClientError) as raised:
        client.list_clusters()
    assert code(raised) == "InvalidSignatureException"
    s3 = emulator.client("s3", aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    with pytest.raises(ClientError) as raised:
        s3.list_buckets()
    assert code(raised) == "SignatureDoesNotMatch"


def test_what_was_signed_is_what_is_answered(emulator: EmulatorProcess):
    """Another body, query, path, method or host under a good signature is refused."""
    headers = signed(emulator, "sts", CALLER, FORM)
    assert ask(emulator, "POST", "/", CALLER, headers)[0] == 200
    changed = CALLER.replace(b"2011-06-15", b"2011-06-16")
    for method, path, body in (
        ("POST", "/", changed),
        ("POST", "/x", CALLER),
        ("POST", "/?Action=GetSessionToken", CALLER),
        ("PUT", "/", CALLER),
    ):  # fmt: skip
        status, said, _ = ask(emulator, method, path, body, headers)
        assert (status, "SignatureDoesNotMatch" in said) == (403, True), (method, path)


def _at(emulator: EmulatorProcess, when: datetime) -> tuple[int, str]:
    request = AWSRequest("POST", f"{emulator.endpoint}/", data=CALLER, headers=dict(FORM))
    auth = SigV4Auth(Credentials(emulator.access_key, emulator.secret_key), "sts", "us-east-1")
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    request.headers["Host"] = urlsplit(emulator.endpoint).netloc
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    auth._inject_signature_to_request(request, signature)
    return ask(emulator, "POST", "/", CALLER, dict(request.prepare().headers))[:2]


@pytest.mark.parametrize("minutes", [-16, 16, -60 * 24 * 3])
def test_a_signature_holds_for_fifteen_minutes(emulator: EmulatorProcess, minutes: int):
    """What was signed long ago, or by a clock far ahead, is refused."""
    assert _at(emulator, datetime.now(UTC))[0] == 200
    status, said = _at(emulator, datetime.now(UTC) + timedelta(minutes=minutes))
    assert (status, "SignatureDoesNotMatch" in said) == (403, True)


def test_a_role_s_keys_need_their_token_and_end(emulator: EmulatorProcess):
    """Keys of a role hold with their own session token only."""
    iam, sts = emulator.client("iam"), emulator.client("sts")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName="gated", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    own = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert ask(emulator, "POST", "/", CALLER, signed(emulator, "sts", CALLER, FORM, own))[0] == 200
    for keys in ((*own[:2], ""), (*own[:2], "another"), (own[0], "x", own[2])):
        status, said, _ = ask(
            emulator, "POST", "/", CALLER, signed(emulator, "sts", CALLER, FORM, keys)
        )
        assert status == 403
        assert "InvalidClientTokenId" in said or "SignatureDoesNotMatch" in said
    admin = (emulator.access_key, emulator.secret_key, own[2])
    assert (
        ask(emulator, "POST", "/", CALLER, signed(emulator, "sts", CALLER, FORM, admin))[0] == 403
    )


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:{port}", "127.0.0.1:1", "127.0.0.1",
             "10.0.0.1:{port}", "127.0.0.1.attacker.example:{port}",
             "localhost.attacker.example:{port}", ""],
)  # fmt: skip
def test_another_name_for_this_port_is_refused(emulator: EmulatorProcess, host: str):
    """A page whose own name leads here (DNS rebinding) gets nothing, not even signed."""
    named = host.replace("{port}", str(urlsplit(emulator.endpoint).port))
    headers = signed(emulator, "sts", CALLER, FORM) | {"Host": named}
    status, said, found = ask(emulator, "POST", "/", CALLER, headers)
    assert (status, "Arn" in said) == (403, False)
    assert "Access-Control-Allow-Origin" not in found


def test_pages_of_other_origins_are_refused(emulator: EmulatorProcess):
    """A page elsewhere may send nothing, however it asks, and may read no answer."""
    for origin in (
        "https://attacker.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost:8080",
    ):
        headers = signed(emulator, "sts", CALLER, FORM) | {"Origin": origin}
        status, _, found = ask(emulator, "POST", "/", CALLER, headers)
        assert status == 403
        assert "Access-Control-Allow-Origin" not in found
        asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        status, _, found = ask(emulator, "OPTIONS", "/", b"", asking)
        assert status == 403
        assert "Access-Control-Allow-Origin" not in found


def test_names_of_every_kind_can_be_signed(emulator: EmulatorProcess):
    """Keys with blanks, Unicode, plus signs and slashes pass, by header and by query."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="names")
    for key in ("a b", "é/ü+1", "x//y", "(1)*'!~=&", "%41", "q?r#s", "a:b@c,d;e"):
        s3.put_object(Bucket="names", Key=key, Body=b"1", Metadata={"a": "two  blanks"})
        address = urlsplit(presigned(emulator, "get_object", {"Bucket": "names", "Key": key}))
        assert ask(emulator, "GET", f"{address.path}?{address.query}")[:2] == (200, "1"), key
    assert len(s3.list_objects_v2(Bucket="names", Prefix="", Delimiter="//")["Contents"]) == 6


def test_users_sign_in_without_a_key(emulator: EmulatorProcess):
    """Cognito's operations for users, and the keys of its tokens, need no signature on AWS."""
    pool = emulator.client("cognito-idp").create_user_pool(PoolName="gate")["UserPool"]["Id"]
    path = f"/{pool}/.well-known/jwks.json"
    assert ask(emulator, "GET", path)[0] == 200
    region = {"Host": "cognito-idp.us-east-1.amazonaws.com"}
    assert ask(emulator, "GET", path, b"", region)[0] == 200
    for name, wanted in (("InitiateAuth", 400), ("AdminGetUser", 400), ("ListUsers", 400)):
        target = f"AWSCognitoIdentityProviderService.{name}"
        body = json.dumps({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "x"}).encode()
        status, said, _ = ask(emulator, "POST", "/", body, JSON | {"X-Amz-Target": target})
        assert status == wanted
        assert ("MissingAuthentication" in said) == (name != "InitiateAuth")


def test_the_files_of_sites_are_the_cdn_s_alone(emulator: EmulatorProcess):
    """Only the rehearsal's own network process reads what CloudFront would."""
    assert ask(emulator, "GET", "/_seatrial/files/E1/index.html")[0] == 403
    wrong = {"X-Seatrial-Token": "x"}
    assert ask(emulator, "GET", "/_seatrial/files/E1/index.html", b"", wrong)[0] == 403


def test_the_image_registry_needs_its_token(emulator: EmulatorProcess):
    """docker's paths are open to who has GetAuthorizationToken's pair, under this name alone."""
    ecr = emulator.client("ecr")
    row = ecr.get_authorization_token()["authorizationData"][0]
    good = {"Authorization": f"Basic {row['authorizationToken']}"}
    assert ask(emulator, "GET", "/v2/")[0] == 401
    assert ask(emulator, "GET", "/v2/", b"", {"Authorization": "Basic QVdTOng="})[0] == 401
    assert ask(emulator, "GET", "/v2/", b"", good)[0] == 200
    assert ask(emulator, "GET", "/v2/", b"", good | {"Host": "attacker.example"})[0] == 403


@pytest.fixture
def reader(emulator: EmulatorProcess) -> Iterator[Any]:
    """Return a client of a user whose key can be switched off."""
    keys = user(emulator, "reader", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    yield keys
    iam = emulator.client("iam")
    iam.delete_access_key(UserName="reader", AccessKeyId=keys["aws_access_key_id"])
    iam.delete_user_policy(UserName="reader", PolicyName="p")
    iam.delete_user(UserName="reader")


def test_a_key_that_was_switched_off_is_nobody_s(emulator: EmulatorProcess, reader: Any):
    """An inactive key is refused as if it did not exist."""
    client = emulator.client("sts", **reader)
    assert client.get_caller_identity()["Arn"].endswith("/reader")
    emulator.client("iam").update_access_key(
        UserName="reader", AccessKeyId=reader["aws_access_key_id"], Status="Inactive"
    )
    with pytest.raises(ClientError) as raised:
        client.get_caller_identity()
    assert code(raised) == "InvalidClientTokenId"
