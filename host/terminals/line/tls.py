"""The client's side of TLS with the broker: certificates on both sides, and the name in its one checked."""

import base64
import ssl
import tempfile

from host.errors import HostError

_LINE = 64  # of base64 in a PEM file (RFC 7468)


def context(authority: bytes, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """For who has these, in DER; `key` as SEC 1 writes it (EC PRIVATE KEY). HostError: they are none, or do
    not belong together."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a certificate and checks the name in it
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_verify_locations(cadata=authority)
        with tempfile.NamedTemporaryFile() as file:  # 0600; Python's ssl takes these from files alone
            file.write(ssl.DER_cert_to_PEM_cert(certificate).encode() + pem(key))
            file.flush()
            made.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError) as error:
        raise HostError(
            f"The certificates for the broker cannot be used ({error}): make them anew."
        ) from None
    return made


def pem(key: bytes) -> bytes:
    """A private key of SEC 1 for a file."""
    text = base64.b64encode(key)
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return b"\n".join([b"-----BEGIN EC PRIVATE KEY-----", *lines, b"-----END EC PRIVATE KEY-----", b""])
