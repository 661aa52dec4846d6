"""Who may use a provider that runs: Terraform of the same user, and nobody else of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from seatrial.engine import peers
from seatrial.engine.provider_proxy import Backend, Proxy, _serving

CONNECTS = """
import socket, sys
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(line.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Yield a socket that listens on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def _seen(listening: socket.socket, **user: Any) -> bool:
    """Return whether the connection of a process is taken for ours."""
    port = listening.getsockname()[1]
    with subprocess.Popen(
        ["/usr/bin/env", "python3", "-c", CONNECTS, str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/", **user,
    ) as other:  # fmt: skip
        assert other.stdout
        peer = f"ipv4:127.0.0.1:{other.stdout.readline().strip()}"
        try:
            return peers.is_ours(peer, port)
        finally:
            other.communicate()


def test_a_connection_is_its_user_s(listening: socket.socket):
    """Another process of this user is ours; a port that nobody holds, or no port, is not."""
    assert _seen(listening)
    assert not peers.is_ours("ipv4:127.0.0.1:1", listening.getsockname()[1])
    assert not peers.is_ours("unix:", listening.getsockname()[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_connection_of_another_user_is_not_ours(listening: socket.socket):
    """It would reach the provider's credentials, and have it run programs."""
    assert not _seen(listening, user="nobody", extra_groups=[])


@dataclass
class Echo(Backend):
    """A provider that answers with the request."""

    def call(self, method: str, request: bytes) -> bytes:
        """Answer."""
        return request


@pytest.mark.parametrize("ours", [True, False])
def test_a_call_over_a_connection_of_somebody_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, ours: bool
):
    """Every call, whatever it asks for."""
    if not ours:
        monkeypatch.setattr(os, "geteuid", lambda: 65_533)
    proxy = Proxy(lambda: "", None, Echo("", None, 5))  # type: ignore[arg-type]
    with _serving(proxy) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/tfplugin5.Provider/ReadResource")
        if ours:
            assert call(b"a") == b"a"
        else:
            with pytest.raises(grpc.RpcError) as refused:
                call(b"a")
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
