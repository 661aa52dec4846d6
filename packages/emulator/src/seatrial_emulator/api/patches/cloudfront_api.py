"""CloudFront has VPC origins, functions and policies of response headers (API reference:
CreateVpcOrigin, CreateFunction, PublishFunction, CreateResponseHeadersPolicy).

moto has none of them, or a part; they are answered here, in front of it. The three kinds are alike:
a configuration is created under a new ID or its own name, read, replaced, deleted and listed.
Test: tests/end_to_end/test_apply.py (a site is applied, its second plan is empty).
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_TIME = "2026-01-01T00:00:00Z"
_BASE = "/2020-05-31"
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
Answer = tuple[str, str | bytes]


@dataclass(frozen=True)
class Kind:
    """One kind of configuration: its path, the element of its configuration, its answers."""

    path: str
    config: str
    root: str
    prefix: str
    missing: str
    arn: str = ""


KINDS = (
    Kind(
        "/vpc-origin",
        "VpcOriginEndpointConfig",
        "VpcOrigin",
        "vo_",
        "EntityNotFound",
        "vpcorigin",
    ),
    Kind(
        "/response-headers-policy",
        "ResponseHeadersPolicyConfig",
        "ResponseHeadersPolicy",
        "",
        "NoSuchResponseHeadersPolicy",
    ),
)


@dataclass
class Function:
    """A function: what was sent last, and what was published."""

    config: str
    code: bytes
    live: bool = False


@dataclass
class Stored:
    """Everything that was created, by kind and ID."""

    configs: dict[tuple[str, str], str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)


def _inner(body: str, element: str) -> str:
    """Return an element with what is in it, without its namespace."""
    found = re.search(rf"(<{element}[ >].*?</{element}>)", body, re.DOTALL)
    return re.sub(r' xmlns="[^"]*"', "", found[1]) if found else ""


def _word(body: str, element: str) -> str:
    found = re.search(rf"<{element}>(.*?)</{element}>", body, re.DOTALL)
    return found[1] if found else ""


def _tags(body: str) -> str:
    return "".join(re.findall(r"<Tag>.*?</Tag>", body, re.DOTALL))


def _refusal(status: str, code: str, message: str) -> Answer:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, f"<ErrorResponse>{error}</ErrorResponse>"


def _document(element: str, inner: str) -> str:
    return f'<?xml version="1.0"?><{element} xmlns="{_NAMESPACE}">{inner}</{element}>'


class CloudFrontParts:
    """The operations that moto lacks, in front of moto's own application."""

    def __init__(self, inner: Wsgi, account: str) -> None:
        self.inner, self.account = inner, account
        self.stored = Stored()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer what is ours; pass everything else on."""
        path = environ["PATH_INFO"]
        query = unquote(environ.get("QUERY_STRING", ""))
        ours = self._ours(path, query)
        if ours is None:
            return self.inner(environ, start)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length).decode() if length else ""
        status, text = ours(environ["REQUEST_METHOD"], path.rstrip("/"), body)
        kind = "text/xml" if isinstance(text, str) else "application/octet-stream"
        start(status, [("Content-Type", kind), ("ETag", "E1")])
        return [text.encode() if isinstance(text, str) else text]

    def _ours(self, path: str, query: str) -> Callable[[str, str, str], Answer] | None:
        if path.endswith(f"{_BASE}/tagging") and ":vpcorigin/" in query:
            name = query.rsplit(":vpcorigin/", 1)[-1].split("&")[0]
            return lambda method, _, body: self._tagging(method, name, body)
        if path.startswith(f"{_BASE}/function"):
            return self._function
        for kind in KINDS:
            if path.startswith(_BASE + kind.path):
                return lambda method, path, body, kind=kind: self._config(kind, method, path, body)  # type: ignore[misc]
        return None

    def _config(self, kind: Kind, method: str, path: str, body: str) -> Answer:
        configs = self.stored.configs
        plain = _inner(body, kind.config)
        if path.endswith(kind.path) and method == "GET":
            return "200 OK", self._list(kind)
        if method == "POST":
            mine = [c for (k, _), c in configs.items() if k == kind.path]
            if any(_word(plain, "Name") == _word(other, "Name") for other in mine):
                return _refusal("409 Conflict", "EntityAlreadyExists", "It exists already.")
            name = kind.prefix + str(uuid.uuid4())
            configs[(kind.path, name)] = plain
            self.stored.tags[name] = _tags(body)
            return "201 Created", self._xml(kind, name)
        name = path.removesuffix("/config").rsplit("/", 1)[1]
        key = (kind.path, name)
        if key not in configs:
            return _refusal("404 Not Found", kind.missing, "It does not exist.")
        if method == "PUT":
            configs[key] = plain
        answer = self._xml(kind, name)
        if method == "DELETE":
            del configs[key]
        return "200 OK", answer

    def _tagging(self, method: str, name: str, body: str) -> Answer:
        if method == "POST":
            self.stored.tags[name] = _tags(body)
        return "200 OK", _document("Tags", f"<Items>{self.stored.tags.get(name, '')}</Items>")

    def _list(self, kind: Kind) -> str:
        mine = {n: c for (k, n), c in self.stored.configs.items() if k == kind.path}
        rows = "".join(self._summarised(kind, name, config) for name, config in mine.items())
        count = f"<MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>{len(mine)}"
        return _document(f"{kind.root}List", f"{count}</Quantity><Items>{rows}</Items>")

    def _summarised(self, kind: Kind, name: str, config: str) -> str:
        """A VPC origin is listed by its name, a policy whole (API reference, the List answers)."""
        times = f"<CreatedTime>{_TIME}</CreatedTime><LastModifiedTime>{_TIME}</LastModifiedTime>"
        if kind.arn:
            inner = (
                f"<Id>{name}</Id><Name>{_word(config, 'Name')}</Name><Status>Deployed</Status>"
                f"{times}<Arn>{self._arn(kind, name)}</Arn>"
            )
        else:
            whole = f"<Id>{name}</Id><LastModifiedTime>{_TIME}</LastModifiedTime>{config}"
            inner = f"<Type>custom</Type><{kind.root}>{whole}</{kind.root}>"
        return f"<{kind.root}Summary>{inner}</{kind.root}Summary>"

    def _arn(self, kind: Kind, name: str) -> str:
        return f"arn:aws:cloudfront::{self.account}:{kind.arn}/{name}"

    def _xml(self, kind: Kind, name: str) -> str:
        arn = f"<Arn>{self._arn(kind, name)}</Arn><Status>Deployed</Status>" if kind.arn else ""
        config = self.stored.configs[(kind.path, name)]
        return _document(
            kind.root,
            f"<Id>{name}</Id>{arn}<CreatedTime>{_TIME}</CreatedTime>"
            f"<LastModifiedTime>{_TIME}</LastModifiedTime>{config}",
        )

    def _function(self, method: str, path: str, body: str) -> Answer:
        functions = self.stored.functions
        name, _, verb = path.removeprefix(f"{_BASE}/function").strip("/").partition("/")
        if not name and method == "POST":
            name = _word(body, "Name")
            if name in functions:
                return _refusal("409 Conflict", "FunctionAlreadyExists", "It exists already.")
            functions[name] = self._sent(body)
            return "201 Created", self._summary(name)
        if not name:
            items = "".join(self._row(each) for each in functions)
            count = f"<MaxItems>100</MaxItems><Quantity>{len(functions)}</Quantity>"
            return "200 OK", _document("FunctionList", f"{count}<Items>{items}</Items>")
        if name not in functions:
            return _refusal("404 Not Found", "NoSuchFunctionExists", "It does not exist.")
        if method == "PUT":
            functions[name] = self._sent(body)
        elif method == "DELETE":
            del functions[name]
            return "204 No Content", ""
        elif verb == "publish":
            functions[name].live = True
        elif method == "GET" and not verb:
            return "200 OK", functions[name].code
        return "200 OK", self._summary(name)

    @staticmethod
    def _sent(body: str) -> Function:
        code = base64.b64decode(_word(body, "FunctionCode"))
        return Function(_inner(body, "FunctionConfig"), code)

    def _row(self, name: str) -> str:
        found = self.stored.functions[name]
        stage = "LIVE" if found.live else "DEVELOPMENT"
        return (
            f"<FunctionSummary><Name>{name}</Name><Status>UNASSOCIATED</Status>{found.config}"
            f"<FunctionMetadata><FunctionARN>arn:aws:cloudfront::{self.account}:function/{name}"
            f"</FunctionARN><Stage>{stage}</Stage><CreatedTime>{_TIME}</CreatedTime>"
            f"<LastModifiedTime>{_TIME}</LastModifiedTime></FunctionMetadata></FunctionSummary>"
        )

    def _summary(self, name: str) -> str:
        """Answer with the summary alone: it is the whole body."""
        row = self._row(name)
        return row.replace("<FunctionSummary>", f'<FunctionSummary xmlns="{_NAMESPACE}">', 1)
