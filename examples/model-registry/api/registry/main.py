"""The application."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match, Route

from registry import activity, guesses, sessions
from registry.errors import RefusedError
from registry.limits import SmallBodies
from registry.lines import said
from registry.routes import artifacts, pages, people, ratings, transfers
from registry.store import Registry, open_registry
from seatrial_runtime import kit

log = logging.getLogger("registry")
PARTS = (artifacts.routes, ratings.routes, transfers.routes, people.routes, pages.routes)
RETRY_AFTER = str(int(guesses.WINDOW))  # seconds
THREADS = 24  # that speak to S3 for uploads
DESCRIPTION = "Models, datasets and code, scored by what their files show. Contract 3.4.7."


def create(registry: Registry | None = None) -> FastAPI:
    """Return the application over a registry; the environment's where none is given."""
    here = registry or open_registry()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ended = threading.Event()
        # asyncio's own pool is six threads on two CPUs: uploads would wait for each other
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "transfer"))
        await run_in_threadpool(sessions.ensure_admin, here)
        writer = threading.Thread(target=activity.follow, args=(here, ended), daemon=True)
        writer.start()
        yield
        ended.set()
        writer.join(5)
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
    logging.root.addHandler(said)
    for part in PARTS:
        app.include_router(part)
    app.mount("/static", pages.static())
    app.add_middleware(SmallBodies)
    _answer_errors(app)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> Response:
        if request.url.path.startswith("/web") and error.status == 403:
            return RedirectResponse("/web/login?again=1", 303)
        if error.status == 429:
            return JSONResponse({"detail": error.message}, 429, {"retry-after": RETRY_AFTER})
        return JSONResponse({"detail": error.message}, error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        """Say what is wrong with a request; the contract calls all of it 400."""
        rows = [
            f"{'.'.join(str(part) for part in row['loc'])}: {row['msg']}" for row in error.errors()
        ]
        said = "; ".join(rows).encode("utf-8", "replace").decode()
        return JSONResponse({"detail": said}, 400)

    @app.exception_handler(405)
    async def other_method(request: Request, _: Exception) -> Response:
        """Say which methods a path has: all of them, not only its first route's."""
        methods: set[str] = set()
        for route in (route for part in PARTS for route in part.routes):
            if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
                methods |= route.methods or set()
        said = {"detail": "this path has no such method"}
        return JSONResponse(said, 405, {"allow": ", ".join(sorted(methods))})

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeoutError)
    async def away(_: Request, error: Exception) -> Response:
        log.error("the database does not answer: %s", type(error).__name__)
        said = {"detail": "the database does not answer; try again in a moment"}
        return JSONResponse(said, 503, {"retry-after": "2"})
