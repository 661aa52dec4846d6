"""The application."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from seatrial_runtime import health, kit
from sheetgpt.errors import RefusedError
from sheetgpt.routes import auth, chat, data, workbooks
from sheetgpt.store import Store, open_store

log = logging.getLogger("sheetgpt")
PARTS = (auth.routes, workbooks.routes, data.routes, chat.routes)


def create(store: Store | None = None) -> FastAPI:
    """Return the application over a store; the environment's where none is given."""
    here = store or open_store()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        listener = threading.Thread(target=here.watchers.follow, daemon=True)
        listener.start()
        if threading.current_thread() is threading.main_thread():
            here.watchers.stop_at_sigterm()
        yield
        here.watchers.stop()
        listener.join(5)
        here.engine.dispose()

    app = FastAPI(title="SheetGPT", version="1.0.0", lifespan=lifespan)
    app.state.store = here

    def database() -> None:
        with here.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    checks = {"database": database}
    window = kit.install(app, checks, level=here.settings.log_level)
    app.include_router(health.router(window, checks), prefix="/api/v1")  # the guide's path
    for part in PARTS:
        app.include_router(part)
    _answer_errors(app)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(_: Request, error: RefusedError) -> Response:
        headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
        return JSONResponse({"detail": error.message}, error.status, headers)

    @app.exception_handler(OperationalError)
    async def away(_: Request, error: OperationalError) -> Response:
        log.error("the database does not answer: %s", type(error).__name__)
        said = {"detail": "the database does not answer; try again in a moment"}
        return JSONResponse(said, 503, {"retry-after": "2"})
