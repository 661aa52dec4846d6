"""CloudFront has VPC origins, functions and policies of response headers (API reference:
CreateVpcOrigin, CreateFunction, PublishFunction, CreateResponseHeadersPolicy).

moto has none of them, or a part; they are answered here, in front of it. The three kinds are alike:
a configuration is created under a new ID or its own name, read, replaced, deleted and listed.
Test: tests/end_to_end/test_apply.py (a site is applied, its second plan is empty).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.parsers.expat import ExpatError

import xmltodict

_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_TIME = "2026-01-01T00:00:00Z"
_TIMES = {"CreatedTime": _TIME, "LastModifiedTime": _TIME}
_BASE = "/2020-05-31"
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
Answer = tuple[str, str | bytes]
Tree = dict[str, Any]  # an XML element: its children by name


@dataclass(frozen=True, kw_only=True)
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
        path="/vpc-origin",
        config="VpcOriginEndpointConfig",
        root="VpcOrigin",
        prefix="vo_",
        missing="EntityNotFound",
        arn="vpcorigin",
    ),
    Kind(
        path="/response-headers-policy",
        config="ResponseHeadersPolicyConfig",
        root="ResponseHeadersPolicy",
        prefix="",
        missing="NoSuchResponseHeadersPolicy",
    ),
)


@dataclass
class Function:
    """A function: what was sent last, and what was published."""

    config: Tree
    code: bytes
    live: bool = False


@dataclass
class Stored:
    """Everything that was created, by kind and ID."""

    configs: dict[tuple[str, str], Tree] = field(default_factory=dict)
    tags: dict[str, list[Tree]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)


def _parse(body: str) -> Tree:
    """Return a request's document without its namespace; raises ExpatError for what is no XML."""
    return _without_attributes(xmltodict.parse(body)) if body else {}


def _without_attributes(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_without_attributes(each) for each in tree]
    if isinstance(tree, dict):
        rows = {k: _without_attributes(v) for k, v in tree.items() if not k.startswith("@")}
        return rows.get("#text", rows) if "#text" in rows else rows
    return tree


def find(tree: Any, element: str) -> Any:
    """Return what is in the first element of this name, at any depth; None where there is none."""
    if isinstance(tree, list):
        return next((found for each in tree if (found := find(each, element)) is not None), None)
    if not isinstance(tree, dict):
        return None
    if element in tree:
        return tree[element]
    return find(list(tree.values()), element)


def _tags(body: Tree) -> list[Tree]:
    found = find(body, "Tag") or []
    return found if isinstance(found, list) else [found]


def _refusal(status: str, code: str, message: str) -> Answer:
    tree = {"ErrorResponse": {"Error": {"Code": code, "Message": message}}}
    return status, xmltodict.unparse(tree)


def _document(element: str, tree: Tree) -> str:
    return xmltodict.unparse({element: {"@xmlns": _NAMESPACE, **tree}})


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
        try:
            body = _parse(environ["wsgi.input"].read(length).decode() if length else "")
            status, text = ours(environ["REQUEST_METHOD"], path.rstrip("/"), body)
        except (ExpatError, UnicodeDecodeError):
            status, text = _refusal(
                "400 Bad Request", "MalformedXML", "The XML is not well-formed."
            )
        kind = "text/xml" if isinstance(text, str) else "application/octet-stream"
        start(status, [("Content-Type", kind), ("ETag", "E1")])
        return [text.encode() if isinstance(text, str) else text]

    def _ours(self, path: str, query: str) -> Callable[[str, str, Tree], Answer] | None:
        if path.endswith(f"{_BASE}/tagging") and ":vpcorigin/" in query:
            name = query.rsplit(":vpcorigin/", 1)[-1].split("&")[0]
            return lambda method, _, body: self._tagging(method, name, body)
        if path.startswith(f"{_BASE}/function"):
            return self._function
        for kind in KINDS:
            if path.startswith(_BASE + kind.path):
                return lambda method, path, body, kind=kind: self._config(kind, method, path, body)  # type: ignore[misc]
        return None

    def _config(self, kind: Kind, method: str, path: str, body: Tree) -> Answer:
        configs = self.stored.configs
        config = find(body, kind.config) or {}
        if path.endswith(kind.path) and method == "GET":
            return "200 OK", self._list(kind)
        if method == "POST":
            others = [c for (k, _), c in configs.items() if k == kind.path]
            if any(config.get("Name") == other.get("Name") for other in others):
                return _refusal("409 Conflict", "EntityAlreadyExists", "It exists already.")
            name = kind.prefix + str(uuid.uuid4())
            configs[(kind.path, name)] = config
            self.stored.tags[name] = _tags(body)
            return "201 Created", self._xml(kind, name)
        name = path.removesuffix("/config").rsplit("/", 1)[1]
        key = (kind.path, name)
        if key not in configs:
            return _refusal("404 Not Found", kind.missing, "It does not exist.")
        if method == "PUT":
            configs[key] = config
        answer = self._xml(kind, name)
        if method == "DELETE":
            del configs[key]
        return "200 OK", answer

    def _tagging(self, method: str, name: str, body: Tree) -> Answer:
        if method == "POST":
            self.stored.tags[name] = _tags(body)
        return "200 OK", _document("Tags", {"Items": {"Tag": self.stored.tags.get(name, [])}})

    def _list(self, kind: Kind) -> str:
        listed = {n: c for (k, n), c in self.stored.configs.items() if k == kind.path}
        rows = [self._summarised(kind, name, config) for name, config in listed.items()]
        items = {"Items": {f"{kind.root}Summary": rows}}
        count = {"MaxItems": 100, "IsTruncated": "false", "Quantity": len(listed)}
        return _document(f"{kind.root}List", count | items)

    def _summarised(self, kind: Kind, name: str, config: Tree) -> Tree:
        """A VPC origin is listed by its name, a policy whole (API reference, the List answers)."""
        if not kind.arn:
            whole = {"Id": name, "LastModifiedTime": _TIME, kind.config: config}
            return {"Type": "custom", kind.root: whole}
        return {
            "Id": name,
            "Name": config.get("Name"),
            "Status": "Deployed",
            **_TIMES,
            "Arn": self._arn(kind, name),
        }

    def _arn(self, kind: Kind, name: str) -> str:
        return f"arn:aws:cloudfront::{self.account}:{kind.arn}/{name}"

    def _xml(self, kind: Kind, name: str) -> str:
        status = {"Arn": self._arn(kind, name), "Status": "Deployed"} if kind.arn else {}
        config = {kind.config: self.stored.configs[(kind.path, name)]}
        return _document(kind.root, {"Id": name} | status | _TIMES | config)

    def _function(self, method: str, path: str, body: Tree) -> Answer:
        functions = self.stored.functions
        name, _, verb = path.removeprefix(f"{_BASE}/function").strip("/").partition("/")
        if not name and method == "POST":
            name = str(find(body, "Name") or "")
            if name in functions:
                return _refusal("409 Conflict", "FunctionAlreadyExists", "It exists already.")
            functions[name] = self._sent(body)
            return "201 Created", self._summary(name)
        if not name:
            rows = [self._row(each) for each in functions]
            count = {"MaxItems": 100, "Quantity": len(functions)}
            items = {"Items": {"FunctionSummary": rows}}
            return "200 OK", _document("FunctionList", count | items)
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
    def _sent(body: Tree) -> Function:
        code = base64.b64decode(str(find(body, "FunctionCode") or ""))
        return Function(find(body, "FunctionConfig") or {}, code)

    def _row(self, name: str) -> Tree:
        found = self.stored.functions[name]
        metadata = {
            "FunctionARN": f"arn:aws:cloudfront::{self.account}:function/{name}",
            "Stage": "LIVE" if found.live else "DEVELOPMENT",
        }
        return {
            "Name": name,
            "Status": "UNASSOCIATED",
            "FunctionConfig": found.config,
            "FunctionMetadata": metadata | _TIMES,
        }

    def _summary(self, name: str) -> str:
        """Answer with the summary alone: it is the whole body."""
        return _document("FunctionSummary", self._row(name))
