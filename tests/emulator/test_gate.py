"""Who may call the emulator's port: each test asks as an attacker would, over real HTTP."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code, user

pytestmark = pytest.mark.slow
CALLER = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.1"}
LIST = {**JSON, "X-Amz-Target": "secretsmanager.ListSecrets"}


def ask(
    emulator: EmulatorProcess,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, str, dict[str, str]]:
    """Send a request exactly as given; return status, body and headers."""
    address = urlsplit(emulator.endpoint)
    line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        line.close()


def signed(
    emulator: EmulatorProcess,
    service: str,
    body: bytes,
    headers: dict[str, str],
    keys: tuple[str, str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a signed POST."""
    access, secret, token = keys or (emulator.access_key, emulator.secret_key, "")
    request = AWSRequest("POST", f"{emulator.endpoint}/", data=body, headers=dict(headers))
    SigV4Auth(Credentials(access, secret, token or None), service, "us-east-1").add_auth(request)
    return dict(request.prepare().headers)


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


def test_pages_that_a_bucket_names_upload_at_presigned_addresses(emulator: EmulatorProcess):
    """A bucket's CORS configuration decides, as on S3; its address still must be signed."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="from-pages")
    rule = {
        "AllowedOrigins": ["https://*.example"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"],
    }  # fmt: skip
    s3.put_bucket_cors(Bucket="from-pages", CORSConfiguration={"CORSRules": [rule]})
    address = urlsplit(presigned(emulator, "put_object", {"Bucket": "from-pages", "Key": "a"}))
    path = f"{address.path}?{address.query}"
    good = {"Origin": "https://app.example"}
    question = good | {"Access-Control-Request-Method": "PUT",
                       "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    status, _, found = ask(emulator, "OPTIONS", path, b"", question)
    assert (status, found["Access-Control-Allow-Origin"]) == (200, "https://app.example")
    status, _, found = ask(emulator, "PUT", path, b"sent", good)
    assert (status, found["Access-Control-Allow-Origin"]) == (200, "https://app.example")
    assert ask(emulator, "PUT", "/from-pages/b", b"sent", good)[0] == 403
    assert ask(emulator, "PUT", path, b"sent", {"Origin": "https://attacker.test"})[0] == 403
    assert ask(emulator, "GET", path, b"", good)[0] == 403  # the rule names PUT alone
    question["Access-Control-Request-Method"] = "DELETE"
    assert ask(emulator, "OPTIONS", path, b"", question)[0] == 403


def presigned(
    emulator: EmulatorProcess, method: str, about: dict[str, Any], seconds: int = 60
) -> str:
    """Return a presigned address of version 4."""
    client = boto3.client(
        "s3", region_name="us-east-1", endpoint_url=emulator.endpoint,
        aws_access_key_id=emulator.access_key, aws_secret_access_key=emulator.secret_key,
        config=Config(signature_version="s3v4"),
    )  # fmt: skip
    return str(client.generate_presigned_url(method, about, ExpiresIn=seconds))


def test_presigned_addresses_are_checked_whole(emulator: EmulatorProcess):
    """Signature, time, bounds and headers: what was not signed is not taken."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="whole")
    s3.put_object(Bucket="whole", Key="a", Body=b"body")
    address = urlsplit(presigned(emulator, "get_object", {"Bucket": "whole", "Key": "a"}))
    path = f"{address.path}?{address.query}"
    assert ask(emulator, "GET", path)[:2] == (200, "body")
    for other in (
        path.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
        path.replace("X-Amz-Expires=60", "X-Amz-Expires=999999"),
        path.replace("X-Amz-Expires=60&", ""),
        f"{path}&response-content-type=text/html",
        path.replace("/whole/a", "/whole/b"),
        path[:-1] + ("0" if path[-1] != "0" else "1"),
    ):
        assert ask(emulator, "GET", other)[0] in (400, 403), other
    assert ask(emulator, "DELETE", path)[0] == 403
    status, said, _ = ask(emulator, "GET", path, b"", {"x-amz-request-payer": "requester"})
    assert (status, "not signed" in said) == (403, True)
    old = urlsplit(presigned(emulator, "get_object", {"Bucket": "whole", "Key": "a"}, 1))
    time.sleep(2.1)
    status, said, _ = ask(emulator, "GET", f"{old.path}?{old.query}")
    assert (status, "Request has expired" in said) == (403, True)


def test_other_services_take_presigned_addresses_too(emulator: EmulatorProcess):
    """STS answers who signed an address, as clusters ask it to."""
    request = AWSRequest("GET", f"{emulator.endpoint}/?{CALLER.decode()}")
    keys = Credentials(emulator.access_key, emulator.secret_key)
    SigV4QueryAuth(keys, "sts", "us-east-1", expires=60).add_auth(request)
    address = urlsplit(str(request.prepare().url))
    status, said, _ = ask(emulator, "GET", f"/?{address.query}")
    assert (status, "rehearsal-administrator" in said) == (200, True)


class _Chunked(S3SigV4Auth):
    """Signs the first of a chunked upload's signatures."""

    def payload(self, request: Any) -> str:
        """Return the word that stands for the chunks."""
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _chunked(emulator: EmulatorProcess, parts: list[bytes], spoil: int = -1) -> tuple[int, str]:
    url = f"{emulator.endpoint}/chunked/object"
    auth = _Chunked(Credentials(emulator.access_key, emulator.secret_key), "s3", "us-east-1")
    size = sum(len(part) for part in parts)
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": str(size)}
    request = AWSRequest("PUT", url, headers=headers)
    auth.add_auth(request)
    headers = dict(request.headers.items())
    before, body = headers["Authorization"].rpartition("Signature=")[2], b""
    empty = hashlib.sha256(b"").hexdigest()
    for index, part in enumerate([*parts, b""]):
        digest = hashlib.sha256(part).hexdigest()
        text = "\n".join(("AWS4-HMAC-SHA256-PAYLOAD", headers["X-Amz-Date"],
                          auth.credential_scope(request), before, empty, digest))  # fmt: skip
        before = auth.signature(text, request)
        sent = b"X" * len(part) if index == spoil else part
        body += f"{len(part):x};chunk-signature={before}\r\n".encode() + sent + b"\r\n"
    return ask(emulator, "PUT", "/chunked/object", body, headers)[:2]


def test_chunked_uploads_are_checked_chunk_by_chunk(emulator: EmulatorProcess):
    """A chunk that was changed on its way spoils the upload; whole ones arrive."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="chunked")
    parts = [b"a" * 70_000, b"b" * 3]
    status, said = _chunked(emulator, parts, spoil=1)
    assert (status, "SignatureDoesNotMatch" in said) == (403, True)
    assert _chunked(emulator, parts)[0] == 200
    assert s3.get_object(Bucket="chunked", Key="object")["Body"].read() == b"".join(parts)


def test_a_body_is_the_one_whose_hash_was_signed(emulator: EmulatorProcess):
    """S3 refuses a body of another hash, and stores nothing."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="hashed")
    url = f"{emulator.endpoint}/hashed/a"
    request = AWSRequest("PUT", url, data=b"right")
    S3SigV4Auth(Credentials(emulator.access_key, emulator.secret_key), "s3", "us-east-1").add_auth(
        request
    )
    headers = dict(request.headers.items())
    status, said, _ = ask(emulator, "PUT", "/hashed/a", b"wrong", headers)
    assert (status, "XAmzContentSHA256Mismatch" in said) == (400, True)
    assert "Contents" not in s3.list_objects_v2(Bucket="hashed")
    assert ask(emulator, "PUT", "/hashed/a", b"right", headers)[0] == 200


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
