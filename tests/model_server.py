"""A model server with OpenAI's API that says what its last message asks for. Run as a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def words(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the pieces of an answer to a chat: a tool's call where tools are there."""
    last = body["messages"][-1]
    if body.get("tools") and last["role"] == "user":
        name = body["tools"][0]["function"]["name"]
        call = {"index": 0, "id": "call_1", "function": {"name": name, "arguments": ""}}
        yield {"tool_calls": [call]}
        for piece in ('{"city": ', '"Köln"}'):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
        return
    for word in ("You ", "said: ", f'"{last["content"]}"\\\n'):
        yield {"content": word}


class Handler(BaseHTTPRequestHandler):
    """Answers /v1/models, /v1/chat/completions and /v1/embeddings."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._json(200, {"data": [{"id": "small"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != "Bearer a-key":
            self._json(401, {"error": {"message": "no such key"}})
        elif self.path.endswith("/embeddings"):
            rows = [
                {"index": i, "embedding": [float(len(text)), 1.0, 0.5]}
                for i, text in enumerate(body["input"])
            ]
            self._json(200, {"data": rows})
        elif "busy" in str(body["messages"][-1]["content"]):
            self._json(429, {"error": {"message": "try later"}})
        else:
            self._stream(body)

    def _stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for delta in words(body):
            self._event({"choices": [{"delta": delta}]})
            if "break off" in str(body["messages"][-1]["content"]):
                self.close_connection = True
                self._event({"error": {"message": "out of memory"}})
                return
        reason = "tool_calls" if body.get("tools") else "stop"
        self._event({"choices": [{"delta": {}, "finish_reason": reason}]})
        self._event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, row: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(row)}\n\n".encode())
        self.wfile.flush()

    def _json(self, status: int, row: dict[str, Any]) -> None:
        data = json.dumps(row).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever(poll_interval=float(sys.argv[1]) if len(sys.argv) > 1 else 0.5)
