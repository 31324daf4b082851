"""The certificate authority of an installation: which broker is ours, and who may connect to it.

All of it follows from one master (role `authority`) and from numbers that the books hold, so nothing is kept
that could be lost, or lag behind the books: the same kiosk in the same life has the same key and the same
serial number, and a list of revoked ones is made of the books' revocations. Curve P-256: what MicroPython's
mbedTLS takes, in 0.7 KB for a kiosk. Certificates and keys are DER; those for files of a broker PEM.

They begin at BEGIN, whenever they are made: a kiosk's clock may be behind before it has heard the host, and
before an authority was made nobody had its key. Ours end late, since who must go is on the list; the
broker's end after BROKER_DAYS.
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from host import clock
from host.errors import HostError
from protocol.wire.bundle import HOST_MAX

if TYPE_CHECKING:  # who registers kiosks loads this, and nothing that has to do with masters
    from host.cards.keeper import Keeper

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT_END, END = datetime(2056, 1, 1, tzinfo=UTC), datetime(2066, 1, 1, tzinfo=UTC)
BROKER_DAYS = 5 * 365
HOST = "host.tapledger"  # our own name at the broker: with a dot, which no kiosk's name has
_SUBJECT = "Tapledger"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)
Pair = tuple[bytes, bytes]  # certificate, private key


class Authority:
    """Of these keys."""

    def __init__(self, keeper: "Keeper") -> None:
        self._keeper = keeper
        self._key = self._derived("authority")

    @cached_property
    def certificate(self) -> bytes:
        """Its own, by which kiosks, host and broker know what it has signed."""
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._begun(_SUBJECT, self._key, self._serial("authority"), END)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), True).add_extension(usage, True)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.DER)

    def kiosk(self, name: str, number: int, issue: int) -> Pair:
        """What a kiosk or desk reader in this life is known by: its name is the common name."""
        return self._client(name, _life(number, issue))

    def given(self, name: str, number: int, issue: int, server_name: str) -> dict[str, Any]:
        """The fields of a bundle (protocol.wire.bundle): by them a broker of this name is ours."""
        certificate, key = self.kiosk(name, number, issue)
        return {"ca": self.certificate, "certificate": certificate, "key": key, "server_name": server_name}

    def host(self, worker: int = 0) -> Pair:
        """What a process of the host is known by."""
        return self._client(host_name(worker), f"host {worker}")

    def broker(self, names: Iterable[str]) -> Pair:
        """A new key and certificate for a broker that is reached under these names or addresses, in PEM.
        HostError."""
        known = [_general_name(name) for name in names]
        key = ec.generate_private_key(ec.SECP256R1())
        end = datetime.fromtimestamp(clock.now_s(), UTC) + timedelta(days=BROKER_DAYS)
        builder = self._begun("broker", key, x509.random_serial_number(), end)
        builder = builder.add_extension(x509.SubjectAlternativeName(known), False)
        certificate = self._signed(builder, ExtendedKeyUsageOID.SERVER_AUTH, Encoding.PEM)
        return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def revoked(self, lives: Iterable[tuple[int, int]]) -> bytes:
        """The list, PEM, of kiosks in these lives: (number, issue). It never expires: a broker takes nobody
        while its list is too old."""
        now = datetime.fromtimestamp(clock.now_s(), UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_name(_SUBJECT))
            .last_update(BEGIN)
            .next_update(END)
            .add_extension(x509.CRLNumber(int(now.timestamp())), False)
            .add_extension(self._issuer(), False)
        )
        for number, issue in lives:
            entry = x509.RevokedCertificateBuilder().serial_number(self._serial(_life(number, issue)))
            builder = builder.add_revoked_certificate(entry.revocation_date(BEGIN).build())
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def _client(self, name: str, who: str) -> Pair:
        key = self._derived(who)
        builder = self._begun(name, key, self._serial(who), CLIENT_END)
        certificate = self._signed(builder, ExtendedKeyUsageOID.CLIENT_AUTH, Encoding.DER)
        return certificate, key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def _begun(
        self, name: str, key: ec.EllipticCurvePrivateKey, serial: int, end: datetime
    ) -> x509.CertificateBuilder:
        public = key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(_SUBJECT))
            .public_key(public)
            .serial_number(serial)
            .not_valid_before(BEGIN)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        )

    def _signed(
        self, builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier, encoding: Encoding
    ) -> bytes:
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        builder = (
            builder.add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(usage, True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), False)
            .add_extension(self._issuer(), False)
        )
        return builder.sign(self._key, SHA256()).public_bytes(encoding)

    def _issuer(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())

    def _derived(self, who: str) -> ec.EllipticCurvePrivateKey:
        # 64 bytes for a number of 32: no key is noticeably likelier than another
        drawn = self._keeper.authority(f"key 1|{who}") + self._keeper.authority(f"key 2|{who}")
        return ec.derive_private_key(int.from_bytes(drawn, "big") % (_ORDER - 1) + 1, ec.SECP256R1())

    def _serial(self, who: str) -> int:
        return int.from_bytes(self._keeper.authority(f"serial|{who}")[:16], "big") >> 1 or 1


def host_name(worker: int) -> str:
    """The name of one of the host's processes at the broker, where no two have one name."""
    return HOST if worker == 0 else f"{worker}.{HOST}"


def pem_of(der: bytes) -> bytes:
    """A certificate for a file."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def _life(number: int, issue: int) -> str:
    return f"kiosk {number}|{issue}"


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(name: str) -> x509.GeneralName:
    """A DNS name, or an IP address. HostError."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        if not 0 < len(name) <= HOST_MAX or any(not "!" <= c <= "~" for c in name):
            raise ValueError
        return x509.DNSName(name)
    except ValueError:
        raise HostError(f"“{name}” is no name or address of a broker: for example broker.example.") from None
