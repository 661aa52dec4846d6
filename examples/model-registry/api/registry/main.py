"""The application."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool

from registry import activity, sessions
from registry.errors import RefusedError
from registry.limits import SmallBodies
from registry.routes import artifacts, pages, people, ratings, transfers
from registry.store import Registry, open_registry
from seatrial.runtime import kit

log = logging.getLogger("registry")
DESCRIPTION = "Models, datasets and code, scored by what their files show. Contract 3.4.7."


def create(registry: Registry | None = None) -> FastAPI:
    """Return the application over a registry; the environment's where none is given."""
    here = registry or open_registry()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ended = threading.Event()
        await run_in_threadpool(sessions.ensure_admin, here)
        writer = threading.Thread(target=activity.follow, args=(here, ended), daemon=True)
        writer.start()
        yield
        ended.set()
        here.engine.dispose()

    app = FastAPI(
        title="Model registry", version="3.4.7", description=DESCRIPTION, lifespan=lifespan
    )
    app.state.registry = here

    def database() -> None:
        with here.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def bucket() -> None:
        here.bucket.client.head_bucket(Bucket=here.bucket.name)

    for chatty in ("httpx", "httpx2", "botocore", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    here.window = kit.install(
        app, {"database": database, "bucket": bucket}, level=here.settings.log_level
    )
    for part in (artifacts, ratings, transfers, people, pages):
        app.include_router(part.routes)
    app.mount("/static", pages.static())
    app.add_middleware(SmallBodies)
    _answer_errors(app)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> Response:
        if request.url.path.startswith("/web") and error.status == 403:
            return RedirectResponse("/web/login?again=1", 303)
        return JSONResponse({"detail": error.message}, error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        """Say what is wrong with a request; the contract calls all of it 400."""
        rows = [
            f"{'.'.join(str(part) for part in row['loc'])}: {row['msg']}" for row in error.errors()
        ]
        said = "; ".join(rows).encode("utf-8", "replace").decode()
        return JSONResponse({"detail": said}, 400)

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeoutError)
    async def away(_: Request, error: Exception) -> Response:
        log.error("the database does not answer: %s", type(error).__name__)
        said = {"detail": "the database does not answer; try again in a moment"}
        return JSONResponse(said, 503, {"retry-after": "2"})
