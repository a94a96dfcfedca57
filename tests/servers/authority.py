"""A certificate authority of the tests' own, for real TLS on loopback host names."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from tests.servers.programs import folder

LIFE = timedelta(days=2)


@dataclass(frozen=True)
class Authority:
    """Signs certificates for whatever names a test asks for."""

    place: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        """The authority's certificate, for clients to trust."""
        return self.place / "authority.pem"

    def issue(self, *names: str) -> tuple[Path, Path]:
        """A certificate chain and its key, as two PEM files, for these host names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        leaf = _signed(names[0], key, self.key, self.certificate.subject, alternatives)
        chain, secret = self.place / f"{names[0]}.pem", self.place / f"{names[0]}.key"
        chain.write_bytes(_pem(leaf) + _pem(self.certificate))
        secret.touch(mode=0o600)
        secret.write_bytes(_key_pem(key))
        return chain, secret

    def fingerprint(self) -> str:
        """The authority's key as Chromium wants it named: base64 of the SHA-256 of its public key."""
        key = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """The tests' certificate authority."""
    with folder("authority") as place:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name("Menshen test authority")
        certificate = _signed(
            "Menshen test authority", key, key, subject, x509.BasicConstraints(ca=True, path_length=0)
        )
        made = Authority(place, key, certificate)
        made.file.write_bytes(_pem(certificate))
        yield made


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, SHA256())
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
