"""CloudFront keeps an origin's VPC origin and access control, and has VPC origins (API reference,
CreateVpcOrigin).

moto has no VPC origins, loses both fields of an origin, and fills in values of the older cache
settings. Test: tests/rehearsal/test_golden_apply.py (its second plan would not be empty).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from moto.cloudfront import models

_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_CONFIG = re.compile(r"(<VpcOriginEndpointConfig.*?</VpcOriginEndpointConfig>)", re.DOTALL)
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def apply() -> None:
    """Keep what moto loses of a distribution."""
    origin, behaviour = models.Origin.__init__, models.DefaultCacheBehaviour.__init__
    certificate = models.ViewerCertificate.__init__

    def init_origin(self: Any, given: dict[str, Any]) -> None:
        origin(self, given)
        self.origin_access_control_id = given.get("OriginAccessControlId") or ""
        if given.get("VpcOriginConfig"):
            self.vpc_origin_config = given["VpcOriginConfig"]

    def init_behaviour(self: Any, given: dict[str, Any]) -> None:
        behaviour(self, given)
        if self.cache_policy_id:
            self.forwarded_values = None
        if given.get("OriginRequestPolicyId"):
            self.origin_request_policy_id = given["OriginRequestPolicyId"]
        if given.get("FunctionAssociations"):
            self.function_associations = given["FunctionAssociations"]

    def init_certificate(self: Any, given: dict[str, Any]) -> None:
        certificate(self, given)
        if given.get("CloudFrontDefaultCertificate") in (True, "true"):
            self.ssl_support_method = None

    models.Origin.__init__ = init_origin
    models.DefaultCacheBehaviour.__init__ = init_behaviour
    models.ViewerCertificate.__init__ = init_certificate


def _tags(body: str) -> str:
    return "".join(re.findall(r"<Tag>.*?</Tag>", body, re.DOTALL))


def _name(config: str) -> str:
    found = re.search(r"<Name>(.*?)</Name>", config)
    return found[1] if found else ""


def _refusal(code: str, message: str) -> str:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>"


class VpcOrigins:
    """The VPC origin operations, in front of moto's own application."""

    def __init__(self, inner: Wsgi, account: str) -> None:
        self.inner = inner
        self.account = account
        self.configs: dict[str, str] = {}
        self.tags: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer ``/vpc-origin`` requests; pass everything else on."""
        path = environ["PATH_INFO"]
        query = unquote(environ.get("QUERY_STRING", ""))
        tagging = path.endswith("/2020-05-31/tagging") and ":vpcorigin/" in query
        if "/2020-05-31/vpc-origin" not in path and not tagging:
            return self.inner(environ, start)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length).decode() if length else ""
        name = query.rsplit(":vpcorigin/", 1)[-1].split("&")[0]
        status, text = (
            self._tagging(environ["REQUEST_METHOD"], name, body)
            if tagging
            else self._answer(environ["REQUEST_METHOD"], path, body)
        )
        start(status, [("Content-Type", "text/xml"), ("ETag", "E1")])
        return [text.encode()]

    def _answer(self, method: str, path: str, body: str) -> tuple[str, str]:
        config = _CONFIG.search(body)
        plain = re.sub(r' xmlns="[^"]*"', "", config[1]) if config else ""
        if path.rstrip("/").endswith("/vpc-origin") and method == "GET":
            return "200 OK", self._list()
        if method == "POST":
            if any(_name(plain) == _name(other) for other in self.configs.values()):
                return "409 Conflict", _refusal("EntityAlreadyExists", "The VPC origin exists.")
            name = f"vo_{uuid.uuid4().hex[:16]}"
            self.configs[name] = plain
            self.tags[name] = _tags(body)
            return "202 Accepted", self._xml(name, plain)
        name = path.rstrip("/").rsplit("/", 1)[1]
        if name not in self.configs:
            return "404 Not Found", _refusal("EntityNotFound", "The VPC origin does not exist.")
        if method == "DELETE":
            return "202 Accepted", self._xml(name, self.configs.pop(name))
        if method == "PUT":
            self.configs[name] = plain
            return "202 Accepted", self._xml(name, plain)
        return "200 OK", self._xml(name, self.configs[name])

    def _tagging(self, method: str, name: str, body: str) -> tuple[str, str]:
        if method == "POST":
            self.tags[name] = _tags(body)
        return (
            "200 OK",
            f'<Tags xmlns="{_NAMESPACE}"><Items>{self.tags.get(name, "")}</Items></Tags>',
        )

    def _list(self) -> str:
        times = "".join(
            f"<{key}>2026-01-01T00:00:00Z</{key}>" for key in ("CreatedTime", "LastModifiedTime")
        )
        rows = "".join(
            f"<VpcOriginSummary><Id>{name}</Id><Name>{_name(config)}</Name><Status>Deployed"
            f"</Status>{times}<Arn>{self._arn(name)}</Arn></VpcOriginSummary>"
            for name, config in self.configs.items()
        )
        return (
            f'<?xml version="1.0"?><VpcOriginList xmlns="{_NAMESPACE}"><MaxItems>100</MaxItems>'
            f"<IsTruncated>false</IsTruncated><Quantity>{len(self.configs)}</Quantity>"
            f"<Items>{rows}</Items></VpcOriginList>"
        )

    def _arn(self, name: str) -> str:
        return f"arn:aws:cloudfront::{self.account}:vpcorigin/{name}"

    def _xml(self, name: str, config: str) -> str:
        return (
            f'<?xml version="1.0"?><VpcOrigin xmlns="{_NAMESPACE}"><Id>{name}</Id>'
            f"<Arn>{self._arn(name)}</Arn>"
            "<Status>Deployed</Status><CreatedTime>2026-01-01T00:00:00Z</CreatedTime>"
            f"<LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>{config}</VpcOrigin>"
        )
