"""What CloudFront and a balancer change of a request on its way to a task, and of its answer.

Sources: CloudFront developer guide, "Request and response behavior for custom origins" and
"Quotas"; ELB user guide, "HTTP headers and Application Load Balancers", "Request tracing" and
"Troubleshoot your Application Load Balancers".

An address of a rehearsal is HTTP on this machine where AWS's is HTTPS. So that a program can do
what it does on AWS, headers say HTTPS where AWS's do, also the two by which a browser says which
address it is at; ``Location`` of the answer is changed back.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

import h11

from seatrial_emulator.network.http1 import ConnectionClosedError, Headers, is_loopback
from seatrial_emulator.network.routing import Listener

CLOUDFRONT_URL, CLOUDFRONT_HEAD = 8_192, 20_480  # bytes
BALANCER_LINE, BALANCER_HEAD = 16 * 1024, 64 * 1024  # of a line, of all of them
METHODS = (b"GET", b"HEAD", b"OPTIONS", b"PUT", b"POST", b"PATCH", b"DELETE")  # as generated
EDGE_ADDRESS = b"10.0.0.4"  # whom a balancer sees behind CloudFront: the VPC origin's interface
_VALID = re.compile(rb"[-a-z0-9]+")
_DROPPED_BY_CLOUDFRONT = re.compile(
    rb"x-amz-cf-.*|x-edge-.*|cloudfront-.*|proxy-.*"
    rb"|expect|te|trailer|x-forwarded-proto|x-http-method-override|x-real-ip"
)
_SET_BY_BALANCER = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-port")
# What AWS's managed SecurityHeadersPolicy adds where the app does not set it itself.
SECURE: Headers = [
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]


@dataclass(frozen=True)
class Origin:
    """Where a request came in: the listener, who sent it, and the CDN's name if there is one.

    ``https`` says that AWS's address is HTTPS, ``described`` that CloudFront adds its own headers.
    """

    listener: str
    source: str = ""
    cdn: str = ""
    names: tuple[str, ...] | None = None  # of an address that is open to the machine's browsers
    https: bool = False
    described: bool = False

    @property
    def server(self) -> bytes:
        """Return who answers in place of the app."""
        return b"CloudFront" if self.cdn else b"awselb/2.0"


def refusal(request: h11.Request, origin: Origin) -> int:
    """Return the status that the edge answers itself, or 0 where a request passes."""
    lines = [len(n) + len(v) + 4 for n, v in request.headers]
    head = len(request.target) + sum(lines)
    has_body = any(
        n == b"transfer-encoding" or (n == b"content-length" and v.strip() != b"0")
        for n, v in request.headers
    )
    if not any(n == b"host" for n, _ in request.headers):
        return 400
    if origin.cdn:
        if request.method not in METHODS or (request.method == b"GET" and has_body):
            return 403
        return 413 if len(request.target) > CLOUDFRONT_URL or head > CLOUDFRONT_HEAD else 0
    if request.method in (b"TRACE", b"CONNECT"):
        return 405
    if len(request.target) > BALANCER_LINE:
        return 414
    return 400 if max(lines) > BALANCER_LINE or head > BALANCER_HEAD else 0


def sent(request: h11.Request, origin: Origin, listener: Listener) -> h11.Request:
    """Return a request as a task gets it."""
    headers = list(request.headers)
    if origin.cdn:
        headers = _by_cloudfront(headers, origin)
    if origin.https:
        headers = _at_https(headers)
    chain = [v for n, v in headers if n == b"x-forwarded-for"]
    left = [(n, v) for n, v in headers if n not in _SET_BY_BALANCER and _VALID.fullmatch(n)]
    trace = next((v for n, v in left if n == b"x-amzn-trace-id"), b"")
    own = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}".encode()
    added = [
        (b"x-forwarded-for", b", ".join([*chain, EDGE_ADDRESS if origin.cdn else _source(origin)])),
        (b"x-forwarded-proto", listener.scheme.encode()),
        (b"x-forwarded-port", str(listener.port).encode()),
        (b"x-amzn-trace-id", b"Self=" + own + b";" + trace if trace else b"Root=" + own),
    ]
    others = [(n, v) for n, v in left if n != b"x-amzn-trace-id"]
    return h11.Request(method=request.method, target=request.target, headers=[*others, *added])


def _source(origin: Origin) -> bytes:
    return (origin.source or "127.0.0.1").encode()


def _by_cloudfront(headers: Headers, origin: Origin) -> Headers:
    """Return what CloudFront's policy for all of a viewer's headers leaves, and adds."""
    upgrade = any(n == b"upgrade" for n, _ in headers)
    replaced = (b"via", b"x-forwarded-for", *(() if upgrade else (b"connection", b"upgrade")))
    left = [
        (n, v) for n, v in headers if n not in replaced and not _DROPPED_BY_CLOUDFRONT.fullmatch(n)
    ]
    via = [*(v for n, v in headers if n == b"via"), f"1.1 {origin.cdn} (CloudFront)".encode()]
    chain = [*(v for n, v in headers if n == b"x-forwarded-for"), _source(origin)]
    left += [(b"via", b", ".join(via)), (b"x-forwarded-for", b", ".join(chain))]
    left.append((b"x-amz-cf-id", secrets.token_urlsafe(40).encode()))
    if origin.described:
        left += [
            (b"cloudfront-forwarded-proto", b"https"),
            (b"cloudfront-viewer-address", _source(origin) + b":46532"),
            (b"cloudfront-viewer-http-version", b"2.0"),
            (b"cloudfront-viewer-tls", b"TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"),
        ]
    return left


def _host(headers: Headers) -> bytes:
    return next((v for n, v in headers if n == b"host"), b"")


def _at_https(headers: Headers) -> Headers:
    """Return headers as a browser sends them that is at this host by HTTPS."""
    host = _host(headers)
    if not is_loopback(host):
        return headers
    return [
        (n, _moved(v, b"http://" + host, b"https://" + host) if n in (b"origin", b"referer") else v)
        for n, v in headers
    ]


def _moved(value: bytes, old: bytes, new: bytes) -> bytes:
    after = value[len(old) : len(old) + 1]
    return new + value[len(old) :] if value.startswith(old) and after in b"/?#" else value


def answered(headers: Headers, request: h11.Request, origin: Origin) -> Headers:
    """Return an answer's headers as a client gets them; raises ConnectionClosedError where they are
    more than CloudFront takes.
    """
    found = [*headers, *cloudfront(origin)]
    if origin.cdn:
        if sum(len(n) + len(v) + 4 for n, v in headers) > CLOUDFRONT_HEAD:
            raise ConnectionClosedError("the answer's headers are longer than CloudFront takes")
        present = {name.lower() for name, _ in headers}
        found += [(name, value) for name, value in SECURE if name not in present]
    host = _host(list(request.headers))
    if origin.https and is_loopback(host):
        back = (b"location", b"access-control-allow-origin")
        old, new = b"https://" + host, b"http://" + host
        found = [(n, _moved(v, old, new) if n.lower() in back else v) for n, v in found]
    return found


def cloudfront(origin: Origin) -> Headers:
    """Return the headers that say that an answer came through CloudFront; none without it."""
    if not origin.cdn:
        return []
    return [
        (b"x-cache", b"Miss from cloudfront"),
        (b"via", f"1.1 {origin.cdn} (CloudFront)".encode()),
        (b"x-amz-cf-id", secrets.token_urlsafe(40).encode()),
    ]
