"""What ECR says of an image, before anything needs it."""

from __future__ import annotations

import json
from pathlib import Path

from helpers import EmulatorProcess
from seatrial.cloud import registry
from seatrial.cloud.session import Session
from seatrial.target import Target

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def test_an_image_says_for_which_cpus_it_is(emulator: EmulatorProcess):
    """None without a repository or an image; of a list, every platform in it."""
    keys = (emulator.access_key, emulator.secret_key)
    target = Target("live", "123456789012", "us-east-1", Path("nowhere"), emulator.endpoint, *keys)
    session, ecr = Session(target), emulator.client("ecr")
    assert registry.platforms(session, "platforms", "v1") is None
    ecr.create_repository(repositoryName="platforms")
    assert registry.platforms(session, "platforms", "v1") is None
    row = {"mediaType": MANIFEST, "digest": "sha256:" + "0" * 64, "size": 2}
    cpus = [{"architecture": "arm64", "os": "linux"}, {"architecture": "amd64", "os": "linux"}]
    body = {
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [{**row, "platform": cpu} for cpu in cpus],
    }  # fmt: skip
    ecr.put_image(repositoryName="platforms", imageManifest=json.dumps(body), imageTag="v1")
    assert registry.platforms(session, "platforms", "v1") == {"amd64", "arm64"}
