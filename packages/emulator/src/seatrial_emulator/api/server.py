"""The emulator's API: moto's server, patched, with IAM enforced, in this process.

Everything that reads or writes moto's records holds one lock: API requests here, the controller
beside it. S3's data requests are let through without it, so that a large upload stops nobody.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from seatrial_emulator.api import (
    browsers,
    callers,
    client_tokens,
    gate,
    image_registry,
    mistakes,
    site_objects,
)
from seatrial_emulator.api.failures import ApiFailures
from seatrial_emulator.api.replayed_calls import Answers
from seatrial_emulator.api.state import store
from seatrial_emulator.validation import Validator
from seatrial_emulator.validation.call import Call, read

ADMINISTRATOR = "rehearsal-administrator"
LARGE_BODY = 1 << 20  # bytes; SDKs send parts of 8 MiB
LARGE_BODIES = 2
GLOBAL = ("iam", "s3", "cloudfront", "sts", "route53")
# Addresses, as `host:port` with commas between, of proxies that stand before this server.
PROXIES = "SEATRIAL_EMULATOR_PROXIES"
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Inference(Protocol):
    """What answers Bedrock, as far as ``answers`` says."""

    def answers(self, path: str, call: Call | None) -> bool:
        """Return whether a request is answered there."""

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request."""


NO_SERVICE = ("moto_api", "instance_metadata")  # moto's own, none of AWS's


@dataclass(frozen=True)
class Keys:
    """An access key of the administrator of the emulated account."""

    access_key: str
    secret_key: str


class Emulator:
    """One emulated account."""

    def __init__(self, account: str, region: str, folder: Path) -> None:
        # moto reads these when it is imported, and it is imported only here.
        os.environ |= {
            "MOTO_ACCOUNT_ID": account,
            "MOTO_ACM_VALIDATION_WAIT": "0",
            "MOTO_DISABLE_GLOBAL_CORS": "true",
            "MOTO_ECS_NEW_ARN": "true",
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
            "SEATRIAL_OBJECTS": str(folder / "objects"),
            "SEATRIAL_SECRETS": str(folder / "secrets.json"),
            "AWS_DEFAULT_REGION": region,
        }
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        from seatrial_emulator.api import patches
        from seatrial_emulator.api.patches import not_implemented
        from seatrial_emulator.api.patches.chatbot import Chatbot
        from seatrial_emulator.api.patches.cloudfront_api import CloudFrontParts

        def create(service: str | None) -> Any:
            if service in (None, *NO_SERVICE):
                return not_implemented.unknown_service
            app = create_backend_app(service)
            app.config["PROPAGATE_EXCEPTIONS"] = True  # to ``mistakes``: Flask answers HTTP 500
            app.debug = False  # Flask's help for debugging keeps each request, and so its body
            return app

        patches.apply()
        self.account, self.region = account, region
        self.state = store(account, region)
        self.host = ""  # where it serves, once it does
        self.programs: dict[str, Path] = {}  # folders that stand for images, by the image's name
        self.lock, self.answers, self.api_failures = threading.RLock(), Answers(), ApiFailures()
        self.bodies = threading.BoundedSemaphore(LARGE_BODIES)
        self.inference: Inference | None = None  # answers Bedrock without the lock: a model is slow
        self.pages: Callable[[], Iterable[str]] = tuple  # the app's addresses, once it has some
        names = frozenset({f"cognito-idp.{region}.amazonaws.com"})
        proxies = frozenset(filter(None, os.environ.get(PROXIES, "").lower().split(",")))
        addresses = gate.Addresses(0, lambda: self.pages(), names, proxies)
        self.gate = gate.Gate(addresses, self.backend)
        self.registry = image_registry.Registry(
            folder / "layers", lambda: self.backend("ecr"), self.lock
        )
        image_registry.use_for_ecr(self.registry)
        self.parts = CloudFrontParts(DomainDispatcherApplication(create), account)
        self.app = Chatbot(self.parts, account)
        self.keys = self._enforce_access()
        self.validator = Validator(self)

    def backend(self, service: str) -> Any:
        """Return moto's records of a service in this account and region."""
        from moto.backends import get_backend

        backends = get_backend(service)  # type: ignore[call-overload,unused-ignore]
        place = "aws" if service in GLOBAL else self.region
        return backends[self.account][place]

    def _enforce_access(self) -> Keys:
        from moto import settings

        iam = self.backend("iam")
        iam.create_user(self.region, ADMINISTRATOR)
        everything = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
        iam.put_user_policy(ADMINISTRATOR, "everything", json.dumps(everything))
        key = iam.create_access_key(ADMINISTRATOR)
        key.secret_access_key = secrets.token_urlsafe(30)
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        return Keys(key.access_key_id, key.secret_access_key)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one AWS API request."""
        return mistakes.answered(self._answer, environ, start)

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if answer := self.gate.before(environ):
            return gate.refuse(answer, environ, start)
        if environ["PATH_INFO"].startswith(image_registry.PREFIX):
            return self.registry(environ, start)
        if environ["PATH_INFO"].startswith(site_objects.PREFIX):
            return self._site_file(environ, start)
        if refusal := self.api_failures.refuses(environ, s3=_is_s3(environ)):
            return refusal(start)
        if answer := self.gate.identify(environ):
            return gate.refuse(answer, environ, start)
        if _is_s3(environ):
            return self._transfer(environ, start)
        with self.lock:
            call = read(environ)
            if refusal := self.validator.refuses(call):
                return refusal(start)
            if not (self.inference and _is_bedrock(environ)) or not self.inference.answers(
                environ["PATH_INFO"], call
            ):
                return self._known(call, environ, start)
        return self.inference(environ | {"seatrial.call": call}, start)

    def _known(self, call: Call | None, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Let moto answer, or an earlier answer to the same call."""
        content = client_tokens.content(call, environ)
        token = content if client_tokens.is_idempotent(call) else ""
        shown = browsers.shown(environ, start)
        answered = self.answers.of(self.app, environ, shown, token, content)
        if call and client_tokens.ends(call):
            self.answers.forget(client_tokens.prefix(call))
        return answered

    def caller(self, environ: dict[str, Any]) -> callers.Caller:
        """Return who signed a request."""
        with self.lock:
            return callers.caller(environ, self.account)

    def _site_file(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """Answer the rehearsal's own CDN, and nobody else."""
        if not self.gate.trusts(environ):
            return gate.refuse(gate.missing(environ), environ, start)
        with self.lock:
            status, headers, body = site_objects.answer(environ["PATH_INFO"], self.backend)
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _transfer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer S3: no lock, but only so many bodies at once, since each lies in memory once."""
        if int(environ.get("CONTENT_LENGTH") or 0) < LARGE_BODY:
            return self._checked(environ, start)
        with self.bodies:
            return self._checked(environ, start)

    def _checked(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if answer := self.gate.check_body(environ):
            return gate.refuse(answer, environ, start)
        return self.app(environ, start)

    def serve(self, port: int) -> Any:
        """Return the HTTP server on 127.0.0.1, listening; ``serve_forever`` answers."""
        from moto.moto_server.werkzeug_app import MotoRequestHandler
        from werkzeug.serving import make_server

        class Quiet(MotoRequestHandler):  # type: ignore[misc,unused-ignore]
            def log_request(self, code: Any = "-", size: Any = "-") -> None:
                """Say nothing: the controller's own events are what users read."""

        server = make_server("127.0.0.1", port, self, threaded=True, request_handler=Quiet)
        self.host = f"127.0.0.1:{server.port}"
        self.gate.addresses = replace(self.gate.addresses, port=server.port)
        return server


def _is_s3(environ: dict[str, Any]) -> bool:
    """A request of S3 is signed for it, in a header or in a presigned address."""
    signed = environ.get("HTTP_AUTHORIZATION", "") + unquote(environ.get("QUERY_STRING", ""))
    return "/s3/aws4_request" in signed


def _is_bedrock(environ: dict[str, Any]) -> bool:
    return "/bedrock/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
