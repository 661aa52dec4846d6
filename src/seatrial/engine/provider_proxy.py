"""A process between Terraform and the AWS provider: it answers schemas, passes all else through.

Terraform asks its provider for the schema of 1,500 types, 5 MB, at each start, and reads it for a
second; an app uses about sixty. This process answers with the types that the documents and states
name, kept on disk by the provider's build and those types. Every other call goes to the unmodified
provider as the bytes that it is. It is a program of its own because gRPC's threads do not survive
a fork.

A provider has one configuration. Each of Terraform's is a connection of its own, so a
configuration that is new gets a provider process of its own, started when it comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc

from seatrial.engine import peers, quick_provider, schema

THREADS = 64  # calls at a time, over all connections: Terraform makes ten, and closes some
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
# go-plugin's own services beside the provider's: Terraform does without them.
OURS = ("/plugin.GRPCStdio/", "/plugin.GRPCBroker/")
SCHEMA, CONFIGURE = ("GetSchema", "GetProviderSchema"), ("Configure", "ConfigureProvider")
LOOK_SECONDS = 1.0
ADDRESS = "registry.terraform.io/hashicorp/aws"


@dataclass
class Backend:
    """One running provider process and the channel to it."""

    value: str
    channel: Any
    protocol: int

    @classmethod
    def connect(cls, value: str) -> Backend:
        """Connect to the provider that a reattach value names."""
        row = next(iter(json.loads(value).values()))
        address = f"unix:{row['Addr']['String']}"
        channel = grpc.insecure_channel(address, options=UNLIMITED)
        return cls(value, channel, int(row["ProtocolVersion"]))

    def call(self, method: str, request: bytes) -> bytes:
        """Make one call; raises grpc.RpcError."""
        answer: bytes = self.channel.unary_unary(method)(request)
        return answer


@dataclass
class Proxy:
    """Which connection goes to which provider; ``start`` makes another provider."""

    start: Callable[[], str]
    schemas: schema.Store
    first: Backend
    by_configuration: dict[bytes, Backend] = field(default_factory=dict)
    by_peer: dict[str, Backend] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    def answer(self, method: str, request: bytes, context: Any) -> bytes:
        """Answer one call of Terraform's, and none of another user's."""
        verb, peer = method.rpartition("/")[2], context.peer()
        if not peers.is_ours(peer, self.port):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "this provider is another user's")
        try:
            if verb in SCHEMA:
                return self.schemas.trimmed(lambda: self.first.call(method, request))
            if verb in CONFIGURE:
                self.by_peer[peer] = self._configured(request)
            return self.by_peer.get(peer, self.first).call(method, request)
        except grpc.RpcError as error:
            self._end_with_a_dead_provider()
            context.abort(error.code(), error.details())
            raise

    def _configured(self, configuration: bytes) -> Backend:
        """Return the provider of a configuration: the first one's is the first provider."""
        with self.lock:
            if configuration not in self.by_configuration:
                fresh = self.first if not self.by_configuration else Backend.connect(self.start())
                self.by_configuration[configuration] = fresh
            return self.by_configuration[configuration]

    def _end_with_a_dead_provider(self) -> None:
        """Terraform and we recognise a provider that is gone by its process: ours stands for it."""
        backends = (self.first, *self.by_configuration.values())
        if not all(quick_provider.alive(backend.value) for backend in backends):
            os._exit(1)


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Every method of every service, as bytes."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def service(self, details: Any) -> Any:
        """Return what answers a method, or None for those that Terraform does without."""
        method = str(details.method)
        if method.startswith(OURS):
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self.proxy.answer(method, request, context)
        )


@contextlib.contextmanager
def _serving(proxy: Proxy) -> Iterator[int]:
    """Serve on a loopback port: over TCP each connection has an address of its own.

    The provider holds credentials, and runs programs that a configuration names: so each call is
    answered only where the connection is this user's.
    """
    server = grpc.server(ThreadPoolExecutor(THREADS), options=UNLIMITED)
    server.add_generic_rpc_handlers((_Handler(proxy),))
    proxy.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield proxy.port
    finally:
        server.stop(None)


def main() -> None:
    """Run until standard input ends; the one argument is a file of settings.

    Its keys: ``program``, ``folder``, ``shift``, ``schemas`` (the folder that keeps them). What
    Terraform needs to reattach is printed, then a note, each on a line of its own.
    """
    threading.Thread(target=_end_alone, args=(os.getppid(),), daemon=True, name="alone").start()
    row = json.loads(Path(sys.argv[1]).read_text())
    program, folder = Path(row["program"]), Path(row["folder"])
    with contextlib.ExitStack() as providers:

        def start() -> str:
            value, note = providers.enter_context(
                quick_provider.running(program, os.environ, folder, row["shift"])
            )
            print(json.dumps({"note": note, "started": value is not None}), flush=True)
            if value is None:
                os._exit(1)
            return value

        first = Backend.connect(start())
        store = schema.Store(Path(row["schemas"]), program, folder)
        with _serving(Proxy(start, store, first)) as port:
            if not _recognises(port):
                note = "stock provider: the kernel does not tell whose a connection is"
                print(json.dumps({"note": note, "started": False}), flush=True)
                os._exit(1)
            print(json.dumps({"reattach": _reattach(port, first.protocol)}), flush=True)
            with contextlib.suppress(OSError):
                while os.read(0, 4096):
                    pass
    os._exit(0)


def _recognises(port: int) -> bool:
    """Return whether a connection of our own is known as ours: else no call would be answered."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        return peers.is_ours(f"ipv4:127.0.0.1:{line.getsockname()[1]}", port)


def _end_alone(command: int) -> None:
    """End where the command was killed and the emulator that Terraform talks to is gone as well.

    Terraform outlives a killed command to finish what it began on AWS. What it began in an
    emulator that ended it would try again for minutes.
    """
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.scheme != "http" or endpoint.hostname is None:
        return
    while True:
        time.sleep(LOOK_SECONDS)
        if os.getppid() != command:
            try:
                socket.create_connection((endpoint.hostname, endpoint.port or 80), 5).close()
            except ConnectionRefusedError:
                os._exit(1)
            except OSError:
                continue


def _reattach(port: int, protocol: int) -> str:
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    row = {
        "Protocol": "grpc",
        "ProtocolVersion": protocol,
        "Pid": os.getpid(),
        "Test": True,
        "Addr": address,
    }
    return json.dumps({ADDRESS: row})


if __name__ == "__main__":
    main()
