"""FastAPI's pages of an API, ``/docs`` and ``/redoc``, without any other host.

    from seatrial_runtime import api_pages
    api_pages.serve_locally(app)

FastAPI's own load their scripts from a CDN: blank where the internet is not there or not trusted.
``fastapi-offline`` (MIT) ships Swagger UI (Apache-2.0) and ReDoc (MIT) as files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

FILES = "/docs-files"  # where the scripts and styles are served
# The pages have a script in themselves; ReDoc asks for a logo of its maker and starts a worker.
POLICY = (
    "default-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; "
    "frame-ancestors 'none'"
)


def serve_locally(app: FastAPI) -> bool:
    """Replace an app's ``/docs`` and ``/redoc``; False where ``fastapi-offline`` is missing.

    Pages that the app switched off (``docs_url=None``) stay off.
    """
    try:
        files = resources.files("fastapi_offline") / "static"
    except ModuleNotFoundError:
        return False
    from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
    from fastapi.staticfiles import StaticFiles
    from starlette.requests import Request
    from starlette.responses import Response

    def page(make: Callable[..., Response], **assets: str) -> Callable[[Request], Response]:
        def answered(request: Request) -> Response:
            root = request.scope.get("root_path", "")
            local = {f"{key}_url": f"{root}{FILES}/{name}" for key, name in assets.items()}
            answer = make(openapi_url=f"{root}{app.openapi_url}", title=app.title, **local)
            answer.headers["content-security-policy"] = POLICY
            return answer

        return answered

    docs = page(
        partial(get_swagger_ui_html, swagger_ui_parameters=app.swagger_ui_parameters),
        swagger_js="swagger-ui-bundle.js",
        swagger_css="swagger-ui.css",
        swagger_favicon="favicon.png",
    )
    redoc = page(
        partial(get_redoc_html, with_google_fonts=False),
        redoc_js="redoc.standalone.js",
        redoc_favicon="favicon.png",
    )
    own = {app.docs_url: docs, app.redoc_url: redoc}
    routes = app.router.routes
    for url, shown in own.items():
        if url and app.openapi_url:
            routes[:] = [route for route in routes if getattr(route, "path", "") != url]
            app.add_route(url, shown, include_in_schema=False)
    app.mount(FILES, StaticFiles(directory=str(files)))
    return True
