"""Where moto's S3 was patched: each test fails without its patch. Real HTTP, real clients."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code, may, started_emulator, user

pytestmark = pytest.mark.slow


@pytest.mark.G28
def test_a_tls_only_bucket_can_be_used(emulator: EmulatorProcess):
    """A conditional Deny does not deny everything."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_bucket_policy(
        Bucket="tls-only",
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            }
        ),
    )
    s3.put_object(Bucket="tls-only", Key="a", Body=b"x")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"x"


def test_objects_and_secret_values_survive_a_restart(tmp_path):
    """A bucket and a secret of the same name have their content again in the next emulator."""
    with started_emulator(tmp_path) as first:
        s3, secrets = first.client("s3"), first.client("secretsmanager")
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="a/\u00e9 b", Body=b"1", ContentType="text/x")
        s3.put_object(Bucket="kept", Key="gone", Body=b"2")
        s3.delete_object(Bucket="kept", Key="gone")
        upload = s3.create_multipart_upload(Bucket="kept", Key="big")["UploadId"]
        part = s3.upload_part(Bucket="kept", Key="big", UploadId=upload, PartNumber=1, Body=b"3")
        s3.complete_multipart_upload(
            Bucket="kept",
            Key="big",
            UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
        arn = secrets.create_secret(Name="kept/s")["ARN"]
        secrets.put_secret_value(SecretId=arn, SecretString="v")
    with started_emulator(tmp_path) as second:
        s3, secrets = second.client("s3"), second.client("secretsmanager")
        s3.create_bucket(Bucket="kept")
        rows = s3.list_objects_v2(Bucket="kept")["Contents"]
        assert {"a/\u00e9 b", "big"} == {row["Key"] for row in rows}
        found = s3.get_object(Bucket="kept", Key="a/\u00e9 b")
        assert (found["Body"].read(), found["ContentType"]) == (b"1", "text/x")
        secrets.create_secret(Name="kept/s")
        assert secrets.get_secret_value(SecretId="kept/s")["SecretString"] == "v"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


class Zeros:
    """A file of so many zeros, with a mark at its end."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        count = self.left if size < 0 else min(size, self.left)
        self.left -= count
        return b"\0" * count if self.left or not count else b"\0" * (count - 4) + b"mark"


def test_a_large_object_is_streamed_and_not_held_in_memory(tmp_path):
    """An upload in parts and its download pass through 300 MiB of emulator, ranges included."""
    size = 1 << 30
    with started_emulator(tmp_path) as made:
        s3 = made.client("s3")
        s3.create_bucket(Bucket="large")
        s3.put_bucket_versioning(Bucket="large", VersioningConfiguration={"Status": "Enabled"})
        s3.upload_fileobj(Zeros(size), "large", "object")
        read = sum(len(b) for b in s3.get_object(Bucket="large", Key="object")["Body"])
        end = s3.get_object(Bucket="large", Key="object", Range="bytes=-4")
        middle = s3.get_object(Bucket="large", Key="object", Range="bytes=1-8")
        old = end["VersionId"]
        s3.delete_object(Bucket="large", Key="object")
        again = s3.get_object(Bucket="large", Key="object", VersionId=old, Range="bytes=-4")
        assert (read, end["Body"].read(), middle["Body"].read()) == (size, b"mark", b"\0" * 8)
        assert again["Body"].read() == b"mark"
        assert middle["ContentRange"] == f"bytes 1-8/{size}"
        status = Path(f"/proc/{made.pid}/status").read_text()
    most = int(status.split("VmHWM:")[1].split()[0]) / 1024
    assert most < 300, f"{most} MiB"


def request(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask an address as anybody would: GET, or PUT with a body."""
    headers = {} if body is None else {"content-type": "application/octet-stream"}
    method = "GET" if body is None else "PUT"
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_head_bucket_needs_list_bucket(emulator: EmulatorProcess):
    """Who may list a bucket may ask whether it is there; nobody else may."""
    emulator.client("s3").create_bucket(Bucket="asked")
    lists = user(emulator, "lists", may("s3:ListBucket", "arn:aws:s3:::asked"))
    reads = user(emulator, "reads", may("s3:GetObject", "arn:aws:s3:::asked/*"))
    emulator.client("s3", **lists).head_bucket(Bucket="asked")
    with pytest.raises(ClientError) as raised:
        emulator.client("s3", **reads).head_bucket(Bucket="asked")
    assert code(raised) == "403"


def test_presigned_urls_carry_the_grants_of_their_signer(emulator: EmulatorProcess):
    """A presigned address carries its signer's grants, until it is old or changed."""
    bucket = "arn:aws:s3:::presigned"
    keys = user(
        emulator,
        "signer",
        *(may(f"s3:{verb}Object", f"{bucket}/open/*") for verb in ("Get", "Put")),
    )
    admin, version4 = emulator.client("s3"), Config(signature_version="s3v4")
    admin.create_bucket(Bucket="presigned")
    for key in ("open/a b", "closed/a"):
        admin.put_object(Bucket="presigned", Key=key, Body=b"body")
    signer = boto3.client("s3", region_name="us-east-1", endpoint_url=emulator.endpoint,
                          config=version4, **keys)  # fmt: skip

    def link(method: str, key: str, seconds: int = 60) -> str:
        about = {"Bucket": "presigned", "Key": key}
        return str(signer.generate_presigned_url(method, about, ExpiresIn=seconds))

    assert request(link("get_object", "open/a b")) == (200, b"body")
    assert request(link("put_object", "open/new"), b"sent")[0] == 200
    assert request(link("get_object", "open/new")) == (200, b"sent")
    assert request(link("get_object", "closed/a"))[0] == 403
    assert request(link("get_object", "open/a b").replace("open", "closed"))[0] == 403
    old = link("get_object", "open/a b", 1)
    time.sleep(2.1)
    assert request(old)[0] == 403
    assert request(f"{emulator.endpoint}/presigned/open/new")[0] == 403
    second = boto3.client("s3", region_name="us-east-1", endpoint_url=emulator.endpoint,
                          config=Config(signature_version="s3"), **keys)  # fmt: skip
    about = {"Bucket": "presigned", "Key": "open/new"}
    assert request(second.generate_presigned_url("get_object", about))[0] == 400
