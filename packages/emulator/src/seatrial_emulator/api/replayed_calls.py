"""An API call that is sent again because its answer was late gets the answer it had.

SDKs number their calls (``amz-sdk-invocation-id``, the same for every attempt). On a busy machine
an answer may come after a client gave up waiting; its second attempt to create something would then
find it there. AWS answers in time; here the first attempt's answer is given again. Refusals are
not: whoever tries those again wants to know whether they still hold.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 512
ID = "HTTP_AMZ_SDK_INVOCATION_ID"

App = Callable[[dict[str, Any], Any], Any]
Answer = tuple[str, list[tuple[str, str]], list[bytes]]


@dataclass
class Answers:
    """The latest good answers by the number of their call."""

    found: OrderedDict[str, Answer] = field(default_factory=OrderedDict)

    def of(self, app: App, environ: dict[str, Any], start: Any) -> list[bytes]:
        """Answer a request, or give the answer that the same call had."""
        number = str(environ.get(ID, ""))
        answer = self.found.get(number)
        if answer is not None:
            start(answer[0], answer[1])
            return answer[2]
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            started.append((status, headers))
            return start(status, headers, *rest)

        body = list(app(environ, note))
        if number and started and started[-1][0].startswith("2"):
            self.found[number] = (*started[-1], body)
            while len(self.found) > MOST:
                self.found.popitem(last=False)
        return body
