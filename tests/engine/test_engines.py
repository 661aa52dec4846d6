"""Images built and pushed by each engine, over the real registry protocol, to a real registry."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import container_engines
from container_engines import Registry
from helpers import short_folder
from seatrial.cloud.session import Session
from seatrial.engine import containers
from seatrial.engine.containers import Order
from seatrial.errors import UserError
from seatrial.events import Event, Note
from seatrial.ops.images import layers
from seatrial.ops.images.build_input import BuildInput
from seatrial.ops.images.builds import Present
from seatrial.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """Return a running docker-registry behind ECR's API."""
    with short_folder() as folder, container_engines.registry(folder) as made:
        yield made


@pytest.fixture(scope="module")
def daemon() -> Iterator[dict[str, str]]:
    """Return the variables that lead to docker's daemon."""
    with short_folder() as folder, container_engines.docker(folder) as variables:
        yield variables


def session(endpoint: str, folder: Path) -> Session:
    """Return AWS as it answers at an endpoint."""
    return Session(Target("dev", "1" * 12, "us-east-1", folder, endpoint, "key", "secret"))


@pytest.mark.G14
@pytest.mark.packages("docker-registry", "apache2-utils", "busybox-static")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.packages("docker.io" if name == "docker" else name))
        for name in containers.NAMES
    ],
)
def test_an_engine_builds_and_pushes_by_digest(
    name: str, registry: Registry, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):  # fmt: skip
    """What an engine pushed lies in the registry under its content's tag, with the digest reported;
    the same content again is found there and not built; other content is another image.
    """
    if name == "docker":
        for key, value in request.getfixturevalue("daemon").items():
            monkeypatch.setenv(key, value)
    said: list[Event] = []
    folder, here = container_engines.tiny(tmp_path / "web"), session(registry.endpoint, tmp_path)
    build = layers.builder(containers.find(name), tmp_path / "builds", said.append)

    def known(tag: str) -> str | None:
        found = registry.manifest(f"{name}/web", tag)
        return found.headers["docker-content-digest"] if found.status_code == 200 else None

    first = build(BuildInput(folder=folder), known)
    digest = first.push(here, f"{name}/web")
    assert first.notes == ()
    found = registry.manifest(f"{name}/web", layers.content(BuildInput(folder=folder)))
    assert f"sha256:{hashlib.sha256(found.content).hexdigest()}" == digest
    assert "config" in found.json(), "one image, not a list"
    assert build(BuildInput(folder=folder), known) == Present(digest)
    assert first.push(here, f"{name}/web") == digest
    container_engines.tiny(folder, says="two")
    assert build(BuildInput(folder=folder), known).push(here, f"{name}/web") != digest
    assert len([n for n in said if isinstance(n, Note)]) == 2


@pytest.mark.packages("docker-registry", "apache2-utils", "buildah", "busybox-static")
def test_credentials_leave_no_trace(registry: Registry, tmp_path: Path):
    """The registry's password stands in no argument of the engine, and in no file afterwards."""
    wrapper, seen = tmp_path / "buildah", tmp_path / "arguments"
    real = containers.find("buildah").program
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    engine = containers.Engine("buildah", str(wrapper))
    image = containers.build(
        engine, Order(context=container_engines.tiny(tmp_path / "web")), tmp_path / "log"
    )
    user, password = registry.auth
    login = containers.Login(registry.host, user, password, plain=True)
    containers.push(engine, image, "quiet/web:one", login)
    reported = seen.read_text()
    assert "push" in reported
    assert password not in reported
    (file,) = [word for word in reported.split() if word.endswith("config.json")]
    assert not Path(file).exists()


@pytest.mark.packages("docker-registry", "apache2-utils", "buildah", "busybox-static")
def test_refusals_say_what_the_engine_said(registry: Registry, tmp_path: Path):
    """A Dockerfile that fails, a wrong password, a platform that the base is not for: each has its
    code and the engine's own words.
    """
    engine, folder = containers.find("buildah"), container_engines.tiny(tmp_path / "web")
    image = containers.build(engine, Order(context=folder), tmp_path / "log")
    login = containers.Login(registry.host, "AWS", "wrong", plain=True)
    with pytest.raises(UserError, match=r"build-push(.|\n)*(unauthorized|authentication required)"):
        containers.push(engine, image, "refused/web:one", login)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY not-there /\n")
    with pytest.raises(UserError, match=r"build-failed(.|\n)*not-there"):
        containers.build(engine, Order(context=folder), tmp_path / "log")


@pytest.mark.packages("buildah", "busybox-static")
def test_an_image_for_another_cpu_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A base that was made for another CPU than the service's is an error before the push."""
    made = containers.Contents("arm64", "", ("/tmp",))
    monkeypatch.setattr(containers, "contents", lambda *_: made)
    build = layers.builder(containers.find("buildah"), tmp_path / "builds", lambda _: None)
    with pytest.raises(UserError, match="build-platform"):
        build(BuildInput(folder=container_engines.tiny(tmp_path / "web")), lambda _: None)


@pytest.mark.packages("buildah", "busybox-static")
def test_undeclared_volume_is_reported(tmp_path: Path):
    """Fargate gives /tmp to root alone unless the image declares it: the build says so."""
    build = layers.builder(containers.find("buildah"), tmp_path / "builds", lambda _: None)
    folder = container_engines.tiny(tmp_path / "web", volume=False)
    (note,) = build(BuildInput(folder=folder), lambda _: None).notes
    assert "VOLUME" in note


def test_no_engine_says_why_each_one_does_not_work(monkeypatch: pytest.MonkeyPatch):
    """Where none works the error names all three with their reasons."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match=r"docker: not installed; podman: .*; buildah: not inst"):
        containers.find()


@pytest.mark.packages("busybox-static")
def test_what_is_made_of_is_named_by_its_content(tmp_path: Path):
    """The tag follows every file that the build sees, its mode and the platform, and nothing
    that ``.dockerignore`` leaves out.
    """
    folder = container_engines.tiny(tmp_path / "web")
    (folder / ".dockerignore").write_text("# notes\nnotes/*\n!notes/kept\n**/*.log\n")
    before = layers.content(BuildInput(folder=folder))
    (folder / "notes").mkdir()
    (folder / "notes" / "mine").write_text("x")
    (folder / "www" / "a.log").write_text("x")
    assert layers.content(BuildInput(folder=folder)) == before
    assert layers.content(BuildInput(folder=folder, platform="arm64")) != before
    (folder / "notes" / "kept").write_text("x")
    tag = layers.content(BuildInput(folder=folder))
    assert tag != before
    (folder / "www" / "index.html").chmod(0o755)
    assert layers.content(BuildInput(folder=folder)) != tag


@pytest.mark.packages("buildah", "busybox-static", "podman")
def test_inspect_answers_alike(tmp_path: Path):
    """Podman's and buildah's words for an image come out as the same contents."""
    folder, found = container_engines.tiny(tmp_path / "web"), []
    for name in ("buildah", "podman"):
        engine = containers.find(name)
        image = containers.build(engine, Order(context=folder), tmp_path / "log")
        found.append(containers.contents(engine, image))
    assert found[0] == found[1]
    assert found[0] == containers.Contents("amd64", "", ("/tmp",))


@pytest.mark.packages("buildah", "busybox-static")
def test_a_build_has_its_stage_its_arguments_and_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A Dockerfile elsewhere, a stage that is not the last, an argument, a secret that is there
    while a command runs and in no layer; without its variable the build is refused by name.
    """
    folder = container_engines.tiny(tmp_path / "web")
    (folder / "docker").mkdir()
    (folder / "Dockerfile").rename(folder / "docker" / "web.Dockerfile")
    with (folder / "docker" / "web.Dockerfile").open("a") as file:
        file.write(
            """
ARG SAID=nothing
RUN --mount=type=secret,id=token,dst=/key,mode=0444 \\
  ["/bin/busybox", "sh", "-c", "busybox wc -c < /key > /www/length; echo $SAID > /www/said"]
FROM scratch AS other
""".replace("FROM scratch AS other", "FROM scratch AS other\nCOPY www /www")
        )
    text = (folder / "docker" / "web.Dockerfile").read_text()
    (folder / "docker" / "web.Dockerfile").write_text(text.replace("scratch", "scratch AS web", 1))
    build = layers.builder(containers.find("buildah"), tmp_path / "builds", lambda _: None)
    wanted = BuildInput(
        folder=folder, named="docker/web.Dockerfile", target="web",
        args={"SAID": "hello"}, secret_variables={"token": "SOME_TOKEN"},
    )  # fmt: skip
    with pytest.raises(UserError, match=r"build-secret.*SOME_TOKEN"):
        build(wanted, lambda _: None)
    monkeypatch.setenv("SOME_TOKEN", "s3cr3t-value")
    made = build(wanted, lambda _: None)
    inside = subprocess.run(
        [*(["buildah", "unshare"] if os.geteuid() else []), "sh", "-c",
         'c=$(buildah from "$0"); m=$(buildah mount $c); cat $m/www/said $m/www/length; '
         'grep -rl s3cr3t-value $m || echo nowhere; buildah rm $c >/dev/null', made.digest],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert inside.stdout.split() == ["hello", "12", "nowhere"]
    assert layers.content(wanted) != layers.content(replace(wanted, args={}))
