"""People who sign in: a pool's tokens, checked by a program as it would on AWS."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import Rehearsal, get, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FILE = """
app: members
region: us-east-1
services:
  api:
    build: ./api
    command: python main.py
    port: 8000
    public: /
    health: /health
    uses: [users: admin]
users: {mfa: "off", callbacks: ["http://localhost:3000/callback"]}
"""
# What Cognito's documentation tells a program to do: fetch the issuer's keys, check signature,
# issuer and audience ("Verifying JSON web tokens").
PROGRAM = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import jwt

ISSUER, CLIENT = os.environ["USERS_ISSUER"], os.environ["USERS_CLIENT_ID"]
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


def who(token):
    key = KEYS.get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=["RS256"], issuer=ISSUER, audience=CLIENT)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = 200, "ok"
        if self.path == "/me":
            try:
                text = who(self.headers.get("authorization", "").removeprefix("Bearer "))["email"]
            except jwt.PyJWTError as error:
                status, text = 401, type(error).__name__
        if self.path == "/people":
            cognito = boto3.client("cognito-idp", region_name=os.environ["AWS_REGION"])
            found = cognito.list_users(UserPoolId=os.environ["USERS_POOL_ID"])["Users"]
            text = str(len(found))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())


ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""


@pytest.fixture
def rehearsal(tmp_path: Path) -> Any:
    """Return a rehearsal of an app whose API checks tokens."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "main.py").write_text(PROGRAM)
    (tmp_path / "api" / "requirements.txt").write_text("boto3~=1.44\npyjwt[crypto]~=2.10\n")
    (tmp_path / "seatrial.yml").write_text(FILE)
    done = seatrial("up", "--detach", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    yield Rehearsal(tmp_path, json.loads(done.stdout))
    seatrial("down", folder=tmp_path)
    shutil.rmtree(tmp_path / ".seatrial", ignore_errors=True)


def signed_in(rehearsal: Rehearsal, email: str) -> str:
    """Invite somebody, sign them in; return their ID token."""
    cognito = rehearsal.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=5)["UserPools"][0]["Id"]
    client = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=5)["UserPoolClients"][0]
    reported = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=reported)
    password = "Correct-horse-7-battery"
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=email, Password=password, Permanent=True
    )
    return _by_srp(cognito, client["ClientId"], email)


def _by_srp(cognito: Any, client: str, email: str) -> str:
    """Sign in by the only flow that the generated client allows; the emulator proves no password.

    (Cognito developer guide, "SRP-based authentication").
    """
    challenge = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": email, "SRP_A": "a" * 64},
    )["ChallengeParameters"]
    answer = cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": email,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": "signature",
            "TIMESTAMP": "Wed Nov 25 13:00:00 UTC 2026",
        },
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def me(rehearsal: Rehearsal, token: str) -> tuple[int, str]:
    """Ask the API who a token belongs to."""
    request = urllib.request.Request(
        f"{rehearsal.address}/me", headers={"authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.G33
def test_a_flow_that_the_client_forbids_is_refused(rehearsal):
    """Sign-in by a plain password is off, as on AWS."""
    cognito = rehearsal.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=5)["UserPools"][0]["Id"]
    client = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=5)["UserPoolClients"][0]
    with pytest.raises(ClientError, match="USER_PASSWORD_AUTH flow not enabled for this client"):
        cognito.initiate_auth(
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": "Correct-horse-7-battery"},
        )


@pytest.mark.G34
@pytest.mark.G33
def test_token_is_verified_with_the_issuers_keys(rehearsal):
    """A real signature holds; one changed letter, or none, does not; `admin` may list people."""
    token = signed_in(rehearsal, "ada@example.com")
    assert me(rehearsal, token) == (200, "ada@example.com")
    head, body, signature = token.split(".")
    changed = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    assert me(rehearsal, f"{head}.{body}.{changed}") == (401, "InvalidSignatureError")
    assert me(rehearsal, "")[0] == 401
    assert get(f"{rehearsal.address}/people") == (200, "1")
