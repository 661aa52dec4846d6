"""CloudFront functions: the www name leads to the domain, a site's addresses to its files.

A function, not CloudFront's error pages: those would also replace the errors of an API behind the
same distribution.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Ref, Resource

RUNTIME = "cloudfront-js-2.0"
_WWW = """  var host = request.headers.host ? request.headers.host.value : '';
  if (host === %(www)s) {
    return {
      statusCode: 301, statusDescription: 'Moved Permanently',
      headers: {location: {value: 'https://' + %(name)s + request.uri}}
    };
  }
"""
_PAGES = """  if (request.uri.endsWith('/')) {
    request.uri += 'index.html';
  }
"""
_SPA = """  if (!request.uri.split('/').pop().includes('.')) {
    request.uri = '/index.html';
  }
"""


def code(www: tuple[str, str] | None, pages: str) -> str:
    """Return a function's JavaScript; ``www`` is the name that leads elsewhere, and where."""
    body = ""
    if www:
        body += _WWW % {"www": json.dumps(www[0]), "name": json.dumps(www[1])}
    body += {"": "", "pages": _PAGES, "spa": _SPA}[pages]
    begin = "function handler(event) {\n  var request = event.request;\n"
    return f"{begin}{body}  return request;\n}}\n"


def _www(context: Context, hosts: tuple[str, ...]) -> tuple[str, str] | None:
    domain = context.app.domain
    name = f"www.{domain.name}" if domain else ""
    return (name, domain.name) if domain and domain.www and name in hosts else None


def functions(
    context: Context, owner: str, address: str, hosts: tuple[str, ...], pages: str = ""
) -> Iterator[Resource]:
    """Yield the function that a distribution needs, if it needs one."""
    www = _www(context, hosts)
    if www is None and not pages:
        return
    yield foundation(
        owner,
        "aws_cloudfront_function",
        address,
        name=context.global_name("function", address),
        runtime=RUNTIME,
        comment=f"addresses of {context.prefix}",
        publish=True,
        code=code(www, pages),
    )


def associations(
    context: Context, address: str, hosts: tuple[str, ...], pages: str = ""
) -> list[dict[str, Any]]:
    """Return how a distribution calls its function; none where it has none."""
    if _www(context, hosts) is None and not pages:
        return []
    arn = Ref("aws_cloudfront_function", address, "arn")
    return [{"event_type": "viewer-request", "function_arn": arn}]
