"""A certificate authority of the emulator's own, so that tasks can check TLS where AWS has it."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trustme import CA

NAME = "Seatrial rehearsal"
DEBIAN = "/etc/ssl/certs/ca-certificates.crt"
LOOPBACK = "127.0.0.1"  # where the loopback sandbox answers
VALID = timedelta(days=30)


class Authority:
    """The authority; its key is in this process alone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority = folder, CA(organization_name=NAME)
        self.path, self.bundle = folder / "ca.pem", folder / "bundle.pem"
        own = self.authority.cert_pem.bytes()
        self.path.write_bytes(own)
        self.bundle.write_bytes(_machine_authorities() + own)
        for file in (self.path, self.bundle):
            file.chmod(0o644)  # a container's user reads them

    def issue(self, stem: str, names: tuple[str, ...]) -> tuple[Path, Path]:
        """Write a server's certificate and key (0600); return their paths in this order."""
        until = datetime.now(UTC) + VALID
        issued = self.authority.issue_cert(*names, LOOPBACK, not_after=until)
        certificate, key = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        key.touch(mode=0o600)
        key.write_bytes(issued.private_key_pem.bytes())
        return certificate, key


def _machine_authorities() -> bytes:
    """Return the authorities that this machine trusts, as far as they are in one file."""
    paths = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, DEBIAN)
    found = next((Path(path) for path in paths if path and Path(path).is_file()), None)
    return found.read_bytes() if found else b""
