"""The authority's certificates in a handshake of Python's own TLS: whom each side takes, and whom not."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from host import clock
from host.cards.keeper.file_store import FileStore
from host.cards.keeper.keeper import Keeper
from host.errors import HostError
from host.terminals.line import authority, tls
from host.terminals.line.authority import BROKER_DAYS, HOST, Authority, Pair

OURS = Authority(Keeper(FileStore(Path("ours"), {"authority": {1: b"a" * 32}})))
OTHER = Authority(Keeper(FileStore(Path("other"), {"authority": {1: b"b" * 32}})))
NAME = "broker.example"


def broker(folder: Path, pair: Pair, revoked: bytes = b"") -> ssl.SSLContext:
    """A broker that asks for certificates of ours."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "both.pem").write_bytes(pair[0] + pair[1])
    made.load_cert_chain(folder / "both.pem")
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(cadata=OURS.certificate)
    if revoked:
        (folder / "revoked.crl").write_bytes(revoked)
        made.load_verify_locations(folder / "revoked.crl")
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return made


def client(pair: Pair) -> ssl.SSLContext:
    return tls.context(OURS.certificate, *pair)


def shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str = NAME) -> str:
    """Both sides of a handshake -> the common name that the broker sees. ssl.SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(up, down, server_side=True)
    here = client.wrap_bio(down, up, server_hostname=name)
    for side in (here, there, here, there):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    certificate = there.getpeercert()
    assert certificate is not None
    return str(dict(part[0] for part in certificate["subject"])["commonName"])


def test_kiosk_and_host_are_known_by_their_names(tmp_path: Path) -> None:
    server = broker(tmp_path, OURS.broker([NAME, "192.0.2.7", "2001:db8::7"]))
    assert shake(server, client(OURS.kiosk("K1", 1, 1))) == "K1"
    assert shake(server, client(OURS.host())) == HOST
    assert shake(server, client(OURS.host(3))) == f"3.{HOST}"
    for name in ("192.0.2.7", "2001:db8::7"):
        assert shake(server, client(OURS.kiosk("K1", 1, 1)), name) == "K1"


def test_who_is_not_of_this_authority_is_refused(tmp_path: Path) -> None:
    server = broker(tmp_path, OURS.broker([NAME]))
    with pytest.raises(ssl.SSLError, match=r"(?i)verify failed"):
        shake(server, client(OTHER.kiosk("K1", 1, 1)))
    with pytest.raises(ssl.SSLError, match=r"(?i)verify failed"):
        shake(broker(tmp_path, OTHER.broker([NAME])), client(OURS.kiosk("K1", 1, 1)))
    with pytest.raises(ssl.SSLError, match=r"(?i)did not return a certificate"):
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.load_verify_locations(cadata=OURS.certificate)
        bare.maximum_version = ssl.TLSVersion.TLSv1_2
        shake(server, bare)


def test_another_name_or_a_kiosk_that_plays_the_broker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLError, match="Hostname mismatch"):
        shake(broker(tmp_path, OURS.broker(["other.example"])), client(OURS.host()))
    certificate, key = OURS.kiosk("K1", 1, 1)
    thief = authority.pem_of(certificate), tls.pem(key)
    with pytest.raises(ssl.SSLError, match=r"(?i)unsuitable|unsupported|purpose"):
        shake(broker(tmp_path, thief), client(OURS.host()))


def test_a_revoked_life_is_refused_and_the_next_one_is_not(tmp_path: Path) -> None:
    server = broker(tmp_path, OURS.broker([NAME]), OURS.revoked([(1, 1), (4, 2)]))
    for number, issue in ((1, 1), (4, 2)):
        with pytest.raises(ssl.SSLError, match=r"(?i)revoked"):
            shake(server, client(OURS.kiosk(f"K{number}", number, issue)))
    for number, issue in ((1, 2), (2, 1), (4, 1)):
        assert shake(server, client(OURS.kiosk(f"K{number}", number, issue))) == f"K{number}"
    server = broker(tmp_path, OURS.broker([NAME]), OURS.revoked([]))
    assert shake(server, client(OURS.kiosk("K1", 1, 1))) == "K1"


def test_the_same_kiosk_has_the_same_key_and_number_and_every_other_life_another() -> None:
    def of(pair: Pair) -> tuple[int, bytes]:
        return x509.load_der_x509_certificate(pair[0]).serial_number, pair[1]

    lives = [OURS.kiosk("K1", 1, 1), OURS.kiosk("K1", 1, 2), OURS.kiosk("K11", 11, 1), OURS.host()]
    lives.append(OURS.host(1))
    lives.append(OTHER.kiosk("K1", 1, 1))
    assert len({of(one)[0] for one in lives}) == len({of(one)[1] for one in lives}) == len(lives)
    assert of(OURS.kiosk("K1", 1, 1)) == of(lives[0])
    again = Authority(OURS._keeper)
    assert shake_key(again.certificate) == shake_key(OURS.certificate)


def shake_key(der: bytes) -> object:
    return x509.load_der_x509_certificate(der).public_key()


def test_a_brokers_certificate_ends_and_a_clock_that_is_behind_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime(2031, 5, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now_s", lambda: int(now.timestamp()))
    made = x509.load_pem_x509_certificate(OURS.broker([NAME])[0])
    assert made.not_valid_before_utc == authority.BEGIN
    assert made.not_valid_after_utc == now + timedelta(days=BROKER_DAYS)


@pytest.mark.parametrize("name", ["", "two words", "x" * 254, "中.example", "\0"])
def test_a_name_that_is_none_is_one_sentence(name: str) -> None:
    with pytest.raises(HostError, match="no name or address of a broker"):
        OURS.broker([NAME, name])


def test_certificates_that_do_not_belong_together_are_one_sentence() -> None:
    certificate, _ = OURS.kiosk("K1", 1, 1)
    _, key = OURS.kiosk("K2", 2, 1)
    for given in ((OURS.certificate, certificate, key), (b"x", certificate, key), (b"", b"", b"")):
        with pytest.raises(HostError, match="certificates for the broker cannot be used"):
            tls.context(*given)
