"""Amazon Q Developer in chat applications keeps Slack channels (API reference of AWS Chatbot,
CreateSlackChannelConfiguration).

moto has no such service. Test: tests/end_to_end/test_apply.py (alarms with a channel are applied).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Chatbot:
    """The operations on Slack channels, in front of moto's own application."""

    def __init__(self, inner: Wsgi, account: str) -> None:
        self.inner, self.account = inner, account
        self.channels: dict[str, dict[str, Any]] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer what is signed for the service; pass everything else on."""
        if "/chatbot/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self.inner(environ, start)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = json.loads(environ["wsgi.input"].read(length) or b"{}") if length else {}
        status, answer = self._answer(environ["PATH_INFO"].strip("/"), body)
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, path: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        match path:
            case "create-slack-channel-configuration":
                return "201 Created", {"ChannelConfiguration": self._create(body)}
            case "update-slack-channel-configuration":
                found = self.channels[body["ChatConfigurationArn"]]
                found.update({key: value for key, value in body.items() if value is not None})
                return "200 OK", {"ChannelConfiguration": found}
            case "describe-slack-channel-configurations":
                arn = body.get("ChatConfigurationArn")
                rows = [c for a, c in self.channels.items() if arn in (None, a)]
                return "200 OK", {"SlackChannelConfigurations": rows}
            case "delete-slack-channel-configuration":
                self.channels.pop(body["ChatConfigurationArn"], None)
                return "204 No Content", {}
            case "list-tags-for-resource":
                found = self.channels.get(body["ResourceARN"], {})
                return "200 OK", {"Tags": found.get("Tags", [])}
            case _:
                return "501 Not Implemented", {"message": f"The rehearsal cannot play {path}"}

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body["ConfigurationName"]
        arn = f"arn:aws:chatbot::{self.account}:chat-configuration/slack-channel/{name}"
        configuration = {
            "SlackTeamName": "rehearsed",
            "SlackChannelName": "rehearsed",
            "LoggingLevel": "NONE",
            "UserAuthorizationRequired": False,
            "GuardrailPolicyArns": [],
            "State": "ENABLED",
            **{key: value for key, value in body.items() if value is not None},
            "ChatConfigurationArn": arn,
        }
        self.channels[arn] = configuration
        return configuration
