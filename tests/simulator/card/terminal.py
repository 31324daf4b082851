"""A reader's side of EV2 for the tests of the card, and a card personalised as our purse."""

from collections.abc import Callable
from random import Random

from simulator.card import DesfireCard, crypto

AID = bytes.fromhex("015054")
UID = bytes.fromhex("04010203040506")
DATA_FILE, VALUE_FILE, LOG_FILE = 1, 2, 3
# As the purse has them, but anybody reads card data here: reading in plain is tried as well.
RIGHTS = {
    number: bytes.fromhex(text) for number, text in ((1, "00E0"), (2, "3023"), (3, "0012"), (15, "F02F"))
}
TMAC_KEY = bytes(range(16, 32))
KEYS = [bytes([n + 1]) * 16 for n in range(4)]
ZERO_KEY = bytes(16)


class Refusal(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"card said {status:02X}")
        self.status = status


class Gone(Exception):
    """The card did not answer."""


class Terminal:
    """ISO-wrapped commands to `exchange`; `session` after `authenticate` secures `secure` commands."""

    def __init__(self, exchange: Callable[[bytes], bytes | None], seed: int = 7) -> None:
        self.exchange = exchange
        self.rng = Random(seed)
        self.ti, self.enc_key, self.mac_key, self.counter = b"", b"", b"", 0

    def frame(self, cmd: int, data: bytes = b"") -> tuple[int, bytes]:
        lc = bytes([len(data)]) + data if data else b""
        answer = self.exchange(bytes([0x90, cmd, 0, 0]) + lc + b"\x00")
        if answer is None:
            raise Gone
        assert answer[-2] == 0x91
        return answer[-1], answer[:-2]

    def plain(self, cmd: int, data: bytes = b"") -> bytes:
        status, whole = self.frame(cmd, data)
        while status == 0xAF:
            status, part = self.frame(0xAF)
            whole += part
        if status:
            raise Refusal(status)
        return whole

    def authenticate(self, key_no: int, key: bytes, first: bool = True) -> None:
        request = bytes([key_no, 0]) if first else bytes([key_no])
        status, challenge = self.frame(0x71 if first else 0x77, request)
        if status != 0xAF:
            raise Refusal(status)
        rnd_b = crypto.aes_cbc_decrypt(key, bytes(16), challenge)
        rnd_a = self.rng.randbytes(16)
        status, proof = self.frame(
            0xAF, crypto.aes_cbc_encrypt(key, bytes(16), rnd_a + rnd_b[1:] + rnd_b[:1])
        )
        if status:
            raise Refusal(status)
        opened = crypto.aes_cbc_decrypt(key, bytes(16), proof)
        if first:
            self.ti, opened, self.counter = opened[:4], opened[4:], 0
        assert opened[:16] == rnd_a[1:] + rnd_a[:1]
        self.enc_key, self.mac_key = crypto.session_keys(key, rnd_a, rnd_b)

    def mac(self, first: int, rest: bytes) -> bytes:
        return crypto.truncate(
            crypto.cmac(self.mac_key, bytes([first]) + self.counter.to_bytes(2, "little") + self.ti + rest)
        )

    def iv(self, label: str) -> bytes:
        return crypto.aes_block(
            self.enc_key, bytes.fromhex(label) + self.ti + self.counter.to_bytes(2, "little") + bytes(8)
        )

    def body(self, cmd: int, header: bytes, data: bytes = b"", full: bool = False) -> bytes:
        if full and data:
            data = crypto.aes_cbc_encrypt(self.enc_key, self.iv("A55A"), crypto.pad(data))
        return header + data + self.mac(cmd, header + data)

    def open(self, answer: bytes, full: bool = False) -> bytes:
        self.counter += 1
        data, mac = answer[:-8], answer[-8:]
        assert mac == self.mac(0, data)
        if full and data:
            opened = crypto.unpad(crypto.aes_cbc_decrypt(self.enc_key, self.iv("5AA5"), data))
            assert opened is not None
            return opened
        return data

    def secure(self, cmd: int, header: bytes = b"", data: bytes = b"", full: bool = False) -> bytes:
        return self.open(self.plain(cmd, self.body(cmd, header, data, full)), full)

    def value(self) -> int:
        got = self.secure(0x6C, bytes([VALUE_FILE]), full=True)
        return int.from_bytes(got, "little", signed=True)

    def change_value(self, cmd: int, amount_fen: int) -> None:
        self.secure(cmd, bytes([VALUE_FILE]), amount_fen.to_bytes(4, "little"), full=True)

    def write_record(self, record: bytes) -> None:
        self.secure(0x8B, bytes([LOG_FILE]) + span(0, len(record)), record)

    def commit(self) -> bytes:
        return self.secure(0xC7, b"\x01")

    def open_purse(self, key_no: int) -> None:
        self.plain(0x5A, AID)
        self.authenticate(key_no, KEYS[key_no])


def span(offset: int, length: int) -> bytes:
    return offset.to_bytes(3, "little") + length.to_bytes(3, "little")


def create_files(terminal: Terminal, options: int, rights: dict[int, bytes]) -> None:
    """The four files of a purse, inside a session with the master key."""
    limits = bytes(4) + (500_000).to_bytes(4, "little") + bytes(4) + bytes([options])
    terminal.secure(0xCD, b"\x01\x01" + rights[1] + (32).to_bytes(3, "little"))
    terminal.secure(0xCC, b"\x02\x03" + rights[2] + limits)
    terminal.secure(0xC0, b"\x03\x01" + rights[3] + bytes.fromhex("1800000B0000"))
    terminal.secure(0xCE, b"\x0f\x01" + rights[15] + b"\x02", TMAC_KEY + b"\x00", full=True)


def blank_card(seed: int = 1) -> DesfireCard:
    card = DesfireCard(UID, Random(seed))
    card.enter_field()
    return card


def purse_card(
    value_fen: int = 0, seed: int = 1, options: int = 0, rights: dict[int, bytes] = RIGHTS
) -> DesfireCard:
    """Personalised through commands only, loaded, in the field, nothing selected."""
    card = blank_card(seed)
    terminal = Terminal(card.exchange)
    terminal.plain(0xCA, AID + bytes.fromhex("0B84"))
    terminal.plain(0x5A, AID)
    terminal.authenticate(0, ZERO_KEY)
    for key_no in (1, 2, 3):
        new = KEYS[key_no] + b"\x01" + crypto.jamcrc(KEYS[key_no])
        terminal.secure(0xC4, bytes([key_no]), new, full=True)
    create_files(terminal, options, rights)
    terminal.secure(0x8D, bytes([DATA_FILE]) + span(0, 32), bytes(range(32)))
    assert terminal.plain(0xC4, terminal.body(0xC4, b"\x00", KEYS[0] + b"\x01", full=True)) == b""
    if value_fen:
        terminal.open_purse(3)
        terminal.change_value(0x0C, value_fen)
        terminal.commit()
    card.activate()
    return card


def out_of_field(value_fen: int = 10_000) -> DesfireCard:
    """A purse card in somebody's hand."""
    card = purse_card(value_fen)
    card.leave_field()
    return card


def sell(terminal: Terminal, amount_fen: int, record: bytes = bytes(24)) -> bytes:
    """A kiosk's sale; returns TMC | TMV."""
    terminal.open_purse(2)
    terminal.value()
    terminal.change_value(0xDC, amount_fen)
    terminal.write_record(record)
    return terminal.commit()
