"""psql for tasks, where this machine's was built without TLS: it speaks through a socket of ours.

Run as a program, with standard library only: `psql_over_tls.py PSQL [ARGUMENT ...]`. Host and port
are libpq's variables. As with `sslmode=require` the server must speak TLS; nobody checks its name.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

SSL_REQUEST = struct.pack("!II", 8, 80877103)  # PostgreSQL manual, "Message Formats"


def main(words: list[str]) -> int:
    """Run psql through a tunnel and return its exit code."""
    port = os.environ.get("PGPORT", "5432")
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/.s.PGSQL.{port}")
        listener.listen()
        upstream = os.environ["PGHOST"], int(port)
        threading.Thread(target=_accept, args=(listener, upstream), daemon=True).start()
        own = os.environ | {"PGHOST": folder, "PGSSLMODE": "disable"}
        return subprocess.run(words, env=own, check=False).returncode


def _accept(listener: socket.socket, upstream: tuple[str, int]) -> None:
    while True:
        near, _ = listener.accept()
        try:
            far = _connect(upstream)
        except OSError as error:
            print(f"{upstream[0]}: {error}", file=sys.stderr, flush=True)
            near.close()
            continue
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _connect(upstream: tuple[str, int]) -> ssl.SSLSocket:
    plain = socket.create_connection(upstream, timeout=10)
    plain.sendall(SSL_REQUEST)
    if plain.recv(1) != b"S":
        raise OSError("the server does not speak TLS")
    plain.settimeout(None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
