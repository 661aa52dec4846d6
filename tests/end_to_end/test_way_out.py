"""A task's way to a host of the internet that its service names, and to no other."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from helpers import get, seatrial, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
PROGRAM = """
import smtplib, socket
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            said = self.answer()
        except OSError as error:
            said = type(error).__name__
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def answer(self):
        if self.path == "/mail":
            with smtplib.SMTP("smtp.example.com", 587, timeout=5) as mail:
                mail.sendmail("a@example.com", ["b@example.com"], "Subject: hello")
            return "sent"
        if self.path == "/port":
            socket.create_connection(("smtp.example.com", 2525), 3)
        if self.path == "/host":
            socket.create_connection(("other.example.com", 587), 3)
        return "open"

HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""
APP = """
app: mail
region: us-east-1
services:
  web: {build: ., command: python main.py, port: 8000, public: /, reach: [smtp.example.com:587]}
"""


@pytest.fixture
def mail() -> Iterator[tuple[int, list[str]]]:
    """Run a mail server; yield its port and the mail that it gets."""
    got: list[str] = []

    class Server(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line.decode().strip()
                if word.upper() == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    continue
                if word.startswith("Subject"):
                    got.append(word)
                elif word:
                    self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 good\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], got
        server.shutdown()


def test_a_task_sends_mail_to_the_host_that_it_may_reach(mail, tmp_path: Path):
    """By `smtplib`, which knows no proxy; the host's other ports and other hosts are not there."""
    port, got = mail
    (tmp_path / "main.py").write_text(PROGRAM)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "seatrial.yml").write_text(APP)
    near = f"smtp.example.com:587=127.0.0.1:{port}"
    rehearsal = up(tmp_path, SEATRIAL_EMULATOR_STAND_INS=near)
    try:
        assert get(f"{rehearsal.address}/mail", timeout=10) == (200, "sent")
        assert got == ["Subject: hello"]
        assert get(f"{rehearsal.address}/port")[1] == "ConnectionRefusedError"
        assert get(f"{rehearsal.address}/host")[1] == "gaierror"
    finally:
        seatrial("down", folder=tmp_path)
