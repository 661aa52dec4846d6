"""Images named by a tag: what a registry says of them, asked over its real protocol."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import container_engines
from helpers import short_folder
from seatrial.cloud import image_tags
from seatrial.cloud.image_tags import Named, UnknownTagError
from seatrial.cloud.session import Session
from seatrial.engine import containers
from seatrial.errors import UserError
from seatrial.events import Event
from seatrial.model.app import App
from seatrial.ops.images import tags
from seatrial.target import Target


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("nginx", Named("registry-1.docker.io", "library/nginx", "latest")),
        ("docker.io/grafana/grafana:11", Named("registry-1.docker.io", "grafana/grafana", "11")),
        ("ghcr.io/a/b/c:v1.2", Named("ghcr.io", "a/b/c", "v1.2")),
        ("localhost:5000/a", Named("localhost:5000", "a", "latest")),
        (
            "netboxcommunity/netbox:v4",
            Named("registry-1.docker.io", "netboxcommunity/netbox", "v4"),
        ),
    ],
)
def test_a_name_is_read_as_engines_read_it(image: str, named: Named):
    """Without a host it is Docker Hub's, and there without an owner the official images'."""
    assert image_tags.parse(image) == named


@pytest.fixture
def index() -> Iterator[tuple[str, bytes]]:
    """Serve an index of two platforms to who comes with a token of its own issuer; yield where."""
    rows = [{"platform": {"architecture": a}} for a in ("amd64", "arm64", "unknown")]
    body = json.dumps({"schemaVersion": 2, "manifests": rows}).encode()

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = self.headers["host"]
            if self.path.startswith("/token?service=here&scope=repository%3Aa%2Fb%3Apull"):
                self._say(200, json.dumps({"token": "one"}).encode())
            elif self.headers.get("authorization") != "Bearer one":
                said = f'Bearer realm="http://{here}/token",service="here",'
                self._say(401, b"{}", said + 'scope="repository:a/b:pull"')
            else:
                self._say(200 if self.path == "/v2/a/b/manifests/1" else 404, body)

        def _say(self, status: int, text: bytes, challenge: str = "") -> None:
            self.send_response(status)
            if challenge:
                self.send_header("www-authenticate", challenge)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}/a/b", body
    server.shutdown()


def app(**images: str) -> App:
    """Return an app of ready-made images."""
    services = {name: {"image": image, "command": ["x"]} for name, image in images.items()}
    about = {"app": "a", "region": "us-east-1", "environment": "dev"}
    return App.model_validate({**about, "services": services})


def session(folder: Path) -> Session:
    """Return a session that asks AWS nothing."""
    return Session(Target("dev", "1" * 12, "us-east-1", folder))


def test_a_tag_becomes_its_digest_and_every_problem_is_said(index, tmp_path: Path):
    """What the tag means now is deployed and said; a digest stays; an absent tag, a registry that
    is not there, another account's ECR and another platform are all named, each at its service.
    """
    place, body = index
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    fixed, said = f"nginx@sha256:{'1' * 64}", list[Event]()
    found = tags.pinned(app(web=f"{place}:1", other=fixed), session(tmp_path), said.append)
    assert found.services["web"].image == f"{place}@{digest}"
    assert found.services["other"].image == fixed
    assert [getattr(note, "text", "") for note in said] == [f"web: image {place}:1 is {digest}"]
    ecr = f"{'2' * 12}.dkr.ecr.us-east-1.amazonaws.com/a:1"
    wrong = app(b=f"{place}:2", c="127.0.0.1:1/a:1", d=ecr)
    with pytest.raises(UserError) as error:
        tags.pinned(wrong, session(tmp_path), said.append)
    assert [p.key for p in error.value.problems] == [f"services.{n}.image" for n in "bcd"]
    assert "no such image or tag" in error.value.problems[0].message


def test_an_image_for_another_cpu_is_refused_before_anything_runs(index, tmp_path: Path):
    """An index lists its platforms; one that the service's is not in stops the deploy."""
    place, _ = index
    given = app(web=f"{place}:1")
    row = given.services["web"].model_copy(update={"platform": "arm64"})
    tags.pinned(given.model_copy(update={"services": {"web": row}}), session(tmp_path), print)
    found = image_tags.pinned(image_tags.parse(f"{place}:1"))
    assert found.architectures == {"amd64", "arm64"}
    other = image_tags.Pinned(found.digest, frozenset({"s390x"}))
    (problem,) = tags._other_platform("web", row, other)
    assert (problem.code, problem.key) == ("build-platform", "services.web.platform")


@pytest.mark.slow
@pytest.mark.packages("docker-registry", "apache2-utils", "buildah", "busybox-static")
def test_a_private_registry_is_asked_with_the_stored_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As `docker login` stored it; without it the registry's refusal is said. The digest is the one
    that the engine's push reported.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with short_folder() as folder, container_engines.registry(folder) as registry:
        engine = containers.find("buildah")
        order = containers.Order(context=container_engines.tiny(tmp_path / "web"))
        image = containers.build(engine, order, tmp_path / "log")
        login = containers.Login(registry.host, *registry.auth, plain=True)
        digest = containers.push(engine, image, "own/web:one", login)
        named = image_tags.parse(f"{registry.host}/own/web:one")
        with pytest.raises(UnknownTagError, match="wants a login"):
            image_tags.pinned(named)
        pair = base64.b64encode(":".join(registry.auth).encode()).decode()
        stored = json.dumps({"auths": {registry.host: {"auth": pair}}})
        (tmp_path / "config.json").write_text(stored)
        assert image_tags.pinned(named).digest == digest
