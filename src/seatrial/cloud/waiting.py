"""Looking again and again until AWS has done something."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from seatrial.cloud.session import Session

T = TypeVar("T")


def until(session: Session, look: Callable[[], T | None], pause: float, timeout: float) -> T | None:
    """Return what ``look`` finds as soon as it finds something; None after ``timeout`` seconds.

    ``pause`` is in seconds on AWS; a pace shortens it.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(pause / session.target.pace**2)
    return None
