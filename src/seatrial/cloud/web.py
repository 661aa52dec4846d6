"""An app's own address, asked as its users ask it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

MOST_TEXT = 65_536  # bytes of an answer that are looked at


@dataclass(frozen=True)
class Answer:
    """An answer's status and the start of its text; status 0 where there was none, and why."""

    status: int
    text: str = ""
    why: str = ""


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect as the answer that it is."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""


def ask(url: str, method: str, headers: Mapping[str, str], *, timeout: float = 30) -> Answer:
    """Return the answer to one request without a body; redirects are answers too."""
    opener = urllib.request.build_opener(_Unfollowed)
    try:
        request = urllib.request.Request(  # noqa: S310
            url, method=method, headers={"user-agent": "seatrial", **headers}
        )
        with opener.open(request, timeout=timeout) as answer:
            return Answer(int(answer.status), answer.read(MOST_TEXT).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            text = error.read(MOST_TEXT).decode(errors="replace")
            return Answer(error.code, text, error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(0, "", str(error) or type(error).__name__)
