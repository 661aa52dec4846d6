"""The emulator's certificate authority, checked by the clients' own TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from seatrial_emulator.servers.certificates import Authority

NAMES = ("*.aaaaaaaaaa.us-east-1.rds.amazonaws.com", "localhost")


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("db.aaaaaaaaaa.us-east-1.rds.amazonaws.com", True),
        ("localhost", True),
        ("127.0.0.1", True),
        ("db.elsewhere.example", False),
    ],
)
@pytest.mark.parametrize("file", ["ca.pem", "bundle.pem"])
def test_client_trusts_the_names_that_were_issued_and_no_other(
    tmp_path: Path, host: str, trusted: bool, file: str
):
    """A client that checks certificates and host names connects by an issued name alone."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*Authority(tmp_path).issue("server", NAMES))
    client = ssl.create_default_context(cafile=str(tmp_path / file))
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(far, server_side=True).close()
        except ssl.SSLError:
            far.close()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        client.wrap_socket(near, server_hostname=host).close()
        assert trusted
    except ssl.SSLCertVerificationError:
        assert not trusted
    finally:
        near.close()
        serving.join(5)


def test_private_key_is_readable_by_its_owner_alone(tmp_path: Path):
    """The key's file has mode 0600, and the authority's key is in no file."""
    _, key = Authority(tmp_path).issue("server", NAMES)
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if b"PRIVATE" in path.read_bytes()] == [
        "server.key"
    ]
