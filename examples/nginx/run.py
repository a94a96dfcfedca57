"""Starts the example: Menshen, the shop and nginx before both, with a certificate authority made for it."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

HERE = Path(__file__).resolve().parent
MENSHEN = Path(sys.executable).with_name("menshen")
ACCOUNTS, SHOP = "accounts.menshen.test", "shop.menshen.test"
PATIENCE = 120.0
"""Seconds until a program that does not answer counts as failed."""


def main() -> None:
    """Prepare the folder, start the three programs, and wait until told to stop."""
    given = read_arguments()
    signal.signal(signal.SIGTERM, stop_now)
    folder: Path = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder, given)
    front, inner, shop = given.ports
    environment = os.environ | {
        "MENSHEN_CONFIG": str(folder / "menshen.toml"),
        "MENSHEN_DATA": str(folder / "data"),
        "MENSHEN_LISTEN": f"127.0.0.1:{inner}",
    }
    menshen(environment, "apps", "add", f"https://{SHOP}:{front}", "--name", "小店")
    menshen(environment, "accounts", "import", str(HERE / "customers.jsonl"))
    with ExitStack() as programs:
        programs.enter_context(running([MENSHEN, "serve", "--with-sink"], inner, environment))
        accounts = f"https://{ACCOUNTS}:{front}"
        command = [sys.executable, HERE / "shop.py", "--port", shop, "--accounts", accounts]
        programs.enter_context(running(command, shop, environment))
        command = [nginx(), "-p", f"{folder}/", "-c", folder / "nginx.conf", "-e", folder / "error.log"]
        proxy = programs.enter_context(running(command, front, environment))
        print(f"open https://{SHOP}:{front}/orders/7?page=2 (README.md says how; Ctrl-C ends it)", flush=True)
        proxy.wait()


def read_arguments() -> argparse.Namespace:
    """What may be chosen; everything has a default."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("var-example"), help="a scratch folder")
    arguments.add_argument(
        "--ports", type=int, nargs=3, default=(8443, 8080, 8081), metavar=("NGINX", "MENSHEN", "SHOP")
    )
    arguments.add_argument("--certificate", type=Path, help="a certificate chain of your own for both names")
    arguments.add_argument("--key", type=Path, help="its private key")
    return arguments.parse_args()


def prepare(folder: Path, given: argparse.Namespace) -> None:
    """Copy the configuration with the chosen ports in it, and bring or make the certificate."""
    for name in ("nginx.conf", "menshen-host.conf", "menshen-door.conf", "menshen.toml"):
        text = (HERE / name).read_text(encoding="utf-8")
        for usual, chosen in zip(("8443", "8080", "8081"), given.ports, strict=True):
            text = text.replace(f":{usual}", f":{chosen}")
        (folder / name).write_text(text, encoding="utf-8")
    if given.certificate and given.key:
        shutil.copy(given.certificate, folder / "certificate.pem")
        shutil.copy(given.key, folder / "certificate.key")
    elif not (folder / "certificate.pem").exists():
        make_certificate(folder)


def make_certificate(folder: Path) -> None:
    """An authority for this example alone, and a certificate of it for both names. Its own key is kept nowhere."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Menshen example authority")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ACCOUNTS)])
    names = x509.SubjectAlternativeName([x509.DNSName(ACCOUNTS), x509.DNSName(SHOP)])
    root = certificate(authority, authority, authority_key, authority_key, x509.BasicConstraints(True, 0))
    leaf = certificate(subject, authority, key, authority_key, names)
    (folder / "authority.pem").write_bytes(root)
    (folder / "certificate.pem").write_bytes(leaf + root)
    secret = folder / "certificate.key"
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> bytes:
    """One certificate that holds for a month."""
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


def menshen(environment: dict[str, str], *words: str) -> None:
    """Run one command of Menshen to its end."""
    if subprocess.run([MENSHEN, *words], env=environment, check=False).returncode:  # noqa: S603  the words are ours
        sys.exit(f"menshen {' '.join(words)} failed")


def nginx() -> str:
    """Where nginx lies; Debian puts it where an ordinary user's PATH does not look."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    return found or sys.exit("nginx is not installed: apt-get install nginx-light")


@contextmanager
def running(command: Sequence[object], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens at a port of the loopback, until the block ends."""
    process = subprocess.Popen([str(word) for word in command], env=environment)  # noqa: S603  the commands are ours
    try:
        deadline = time.monotonic() + PATIENCE
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} did not start")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stop_now(number: int, frame: object) -> NoReturn:
    """End as by Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
