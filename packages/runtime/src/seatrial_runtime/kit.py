"""All of it in one call.

from seatrial_runtime import kit
window = kit.install(app, {"database": ping})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seatrial_runtime import address, api_pages, health, logs, metrics

if TYPE_CHECKING:
    from fastapi import FastAPI


def install(
    app: FastAPI, checks: Mapping[str, health.Check] | None = None, *, level: str = "info"
) -> metrics.Window:
    """Give an app JSON logs, request ids, ``/health``, ``/metrics`` and its public address.

    Its ``/docs`` and ``/redoc`` load nothing from other hosts.

    Return what it counts in.
    """
    logs.configure(level)
    window = metrics.Window()
    app.include_router(health.router(window, checks))
    app.add_route("/metrics", metrics.page(window), include_in_schema=False)
    api_pages.serve_locally(app)
    app.add_middleware(address.PublicAddress)
    app.add_middleware(metrics.Measured, window=window)
    app.add_middleware(logs.RequestLog)
    return window
