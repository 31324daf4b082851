"""A host that wants TLS is asked with TLS, whatever its certificate says: the code alone is what counts."""

import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from protocol.wire import bundle, pairing
from tests.micropython import micropython

ROOT = Path(__file__).resolve().parents[3]
SECRET = bytes(range(10))
SEALED = pairing.seal(SECRET, bytes(16), bundle.encode("K1", 7, bytes(32), "10.0.0.2", 8883))
PROGRAM = """
import asyncio, sys
class Chip: pass
sys.modules["network"] = Chip
from net.unpaired import Unpaired
from protocol.wire import pairing
secret = bytes(range(10))
given = {{"host": "127.0.0.1", "port": {port}, "tls": 1}}
made = Unpaired(given, None, None, None)
print(pairing.open_(secret, asyncio.run(made.ask(pairing.identifier(secret)))).hex())
"""


class Host(BaseHTTPRequestHandler):
    """Has one bundle for one code."""

    def do_GET(self) -> None:
        found = self.path == f"/api/v1/pair/{pairing.identifier(SECRET).hex()}"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(SEALED)))
        self.end_headers()
        self.wfile.write(SEALED)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def strangers_certificate() -> bytes:
    """A certificate that nobody vouches for, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "someone")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    signed = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    return signed + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_the_bundle_comes_through_tls(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(strangers_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with HTTPServer(("127.0.0.1", 0), Host) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = subprocess.run(
            [micropython(), "-c", PROGRAM.format(port=server.server_port)],
            env={"MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT}:.frozen"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert bundle.decode(bytes.fromhex(done.stdout.strip()))["name"] == "K1"
