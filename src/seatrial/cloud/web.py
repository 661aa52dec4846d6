"""An app's own address, asked as its users ask it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request


def status(url: str, *, timeout: float = 30) -> tuple[int, str]:
    """Return a GET's status, redirects followed; 0 and the reason where there is no answer."""
    try:
        request = urllib.request.Request(url, headers={"user-agent": "seatrial"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.reason
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, str(error) or type(error).__name__
