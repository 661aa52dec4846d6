"""An API that refuses: by chance, and for a while."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from werkzeug.serving import make_server

from seatrial_emulator.api.failures import ApiFailures


class Api:
    """Answers STS and S3 unless a failure is injected."""

    def __init__(self) -> None:
        self.api_failures, self.requests = ApiFailures(), 0

    def __call__(self, environ, start):
        """Answer one request."""
        self.requests += 1
        s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
        if refusal := self.api_failures.refuses(environ, s3=s3):
            return refusal(start)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        json_body = "json" in environ.get("CONTENT_TYPE", "")
        body = json.dumps({"SecretList": []}) if json_body else "<ListAllMyBucketsResult/>"
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body.encode()]


@pytest.fixture
def api() -> Iterator[tuple[Api, str]]:
    """Return an API and its address."""
    made = Api()
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join()


def client(service: str, address: str, attempts: int = 5):
    """Return a client that tries so often."""
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


def test_sdks_retry_throttled_requests(api):
    """A third of all requests refused: SDKs try again, and every call comes through."""
    made, address = api
    made.api_failures.throttle = 0.3
    for _ in range(10):
        client("secretsmanager", address, 9).list_secrets()
        client("s3", address, 9).list_buckets()
    assert made.requests > 20


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [("secretsmanager", "list_secrets", "ThrottlingException"), ("s3", "list_buckets", "SlowDown")],
)
def test_refusals_have_the_error_codes_of_aws(api, service, call, code):
    """Each protocol's own code; an API that is away says so, and comes back."""
    made, address = api
    made.api_failures.throttle = 1.1
    api = client(service, address, 1)
    with pytest.raises(api.exceptions.ClientError, match=code):
        getattr(api, call)()
    made.api_failures.throttle = 0
    made.api_failures.start_outage(0.2)
    with pytest.raises(api.exceptions.ClientError, match="ServiceUnavailable"):
        getattr(api, call)()
    getattr(client(service, address, 9), call)()
