"""A certificate authority of the rehearsal's own, so that tasks can check TLS where AWS has it."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "Seatrial rehearsal"
DEBIAN = "/etc/ssl/certs/ca-certificates.crt"


class Authority:
    """The authority; its key lives in this process alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.path, self.bundle = folder / "ca.pem", folder / "bundle.pem"
        made = _certificate(NAME, self.key, self.key, (), authority=True)
        own = made.public_bytes(serialization.Encoding.PEM)
        self.path.write_bytes(own)
        self.bundle.write_bytes(_usual() + own)
        for file in (self.path, self.bundle):
            file.chmod(0o644)  # a container's user reads them

    def issue(self, stem: str, names: tuple[str, ...]) -> tuple[Path, Path]:
        """Write a server's certificate and key (0600); return their paths in this order."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(names[0], key, self.key, names, authority=False)
        paths = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
        paths[1].touch(mode=0o600)
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return paths


def _usual() -> bytes:
    """Return the authorities that this machine trusts, as far as they are in one file."""
    paths = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, DEBIAN)
    found = next((Path(path) for path in paths if path and Path(path).is_file()), None)
    return found.read_bytes() if found else b""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(NAME))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        here = x509.IPAddress(ip_address("127.0.0.1"))  # where the loopback sandbox answers
        listed = [*(x509.DNSName(name) for name in names), here]
        builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
    return builder.sign(signer, hashes.SHA256())
