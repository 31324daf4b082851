"""Prints what protocol/ makes of many seeded inputs; test_both_pythons.py wants the same from both Pythons.

No pytest and no typing here: MicroPython runs this file as it is.
"""

from binascii import hexlify

from protocol import aes
from protocol.card import apdu, ev2, keys, layout, masters, ntag424, picc, purse, sun, tmac
from protocol.wire import (
    bundle,
    cbor,
    device,
    envelope,
    mac,
    messages,
    online,
    pairing,
    seal,
    sequence,
    topics,
    usable,
)


class Lcg:
    """The same numbers on both Pythons (Knuth's MMIX constants)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFF_FFFF_FFFF_FFFF
        return (self.state >> 33) % limit

    def bytes(self, size: int) -> bytes:
        """That many bytes."""
        return bytes([self.below(256) for _ in range(size)])


def show(label: str, value: object) -> None:
    """One line; bytes as hex, so that no quoting differs."""
    print(label, hexlify(value).decode() if isinstance(value, bytes) else value)


def attempt(label, function, *args) -> None:  # type: ignore[no-untyped-def]
    """The result, or the sentence of the refusal."""
    try:
        show(label, function(*args))
    except (ValueError, apdu.CardError) as error:
        show(label, f"{type(error).__name__}: {error}")


def ciphers(rng: Lcg) -> None:
    """AES, CMAC, HMAC and what is derived from them."""
    for size in range(0, 50, 7):
        key, data = rng.bytes(16), rng.bytes(size)
        show("cmac", aes.cmac(key, data))
        show("hmac", mac.hmac_sha256(rng.bytes(size + 30), data))
        show("cbc", aes.encrypt_cbc(key, rng.bytes(16), aes.pad80(data)))
        attempt("an10922", keys.an10922, key, data)
        show("tmv", tmac.tmv(key, rng.bytes(7), rng.below(1 << 32) + 1, tmac.record_input(3, data)))
    for part in mac.kiosk_keys(rng.bytes(32)):
        show("kiosk key", part)
    show("card data", layout.card_data(rng.bytes(16), rng.bytes(7), 513, "42"))
    record = layout.log_record(5, 2, 1 << 31, 2500, 499_999, 0xFFFF_FFFF)
    show("record", record)
    show("record", layout.read_log_record(record))
    show("change key", ev2.change_key_data(rng.bytes(16), 1, rng.bytes(16)))


def messaging(rng: Lcg) -> None:
    """EV2 commands and answers of every mode, true and touched."""
    for comm in (layout.COMM_PLAIN, layout.COMM_MAC, layout.COMM_FULL):
        for size in (0, 1, 15, 16, 33):
            ti, enc_key, mac_key, counter = rng.bytes(4), rng.bytes(16), rng.bytes(16), rng.below(60000)
            session = ev2.Session(ti, enc_key, mac_key, counter)
            show("command", session.command(0x8D, b"\x03", rng.bytes(size), comm))
            answer = picc.make_reply(session, rng.bytes(size), comm)
            show("answer", answer)
            for flip in (0, 1):
                session.counter = counter
                attempt("opened", session.reply, bytes([b ^ flip for b in answer]), comm)


def account_cards(rng: Lcg) -> None:
    """Messages of account cards, true and damaged, and what is sent to such a card."""
    message = sun.message("https://cards.example/c")
    show("message", message.file)
    show("settings", ntag424.ndef_settings(message))
    picc_data, signed = rng.bytes(16), rng.bytes(8)
    url = f"https://x/?p={hexlify(picc_data).decode()}&m={hexlify(signed).decode()}"
    show("parsed", sun.parse(url) == (picc_data, signed))
    for _ in range(60):
        at = rng.below(len(url))
        show("parsed", sun.parse(url[:at] + "?&#=pm0g"[rng.below(8)] + url[at + 1 :]))
        at = rng.below(len(message.file) - 2)
        ndef = message.file[2:]
        show("url", sun.url_of(ndef[:at] + bytes([rng.below(256)]) + ndef[at + 1 :]))
    for base in ("", "https://", "https://a b", "https://a#", "http://a"):
        attempt("base", sun.message, base)
    proof = ntag424.prove(rng.bytes(16), rng.bytes(16))
    show("select", next(proof))
    show("asked", proof.send(b"\x90\x00"))


def versions(rng: Lcg) -> None:
    """How a terminal finds the version of a card's key."""
    held = masters.Masters({1: rng.bytes(16), 300: rng.bytes(16)})
    for said in (b"\x01\x91\x00", b"\x2d\x91\x00", b"\x09\x91\x00", b"\x91\x00", b"\x91\x1c", b""):
        tried: list[bytes] = []

        def opens(key, tried=tried):  # type: ignore[no-untyped-def]
            tried.append(key)
            yield b"?"
            if len(tried) == 1:
                raise purse.NotOurs("refused")
            return len(tried)

        try:
            show("opened", apdu.run(held.open_card(b"1234567", 2, opens), lambda _, said=said: said))
        except purse.NotOurs as error:
            show("not ours", str(error))
        show("tried", b"".join(tried))


def codec(rng: Lcg) -> None:
    """CBOR of numbers at every border of a head, and of damaged bytes."""
    for bits in (0, 4, 5, 8, 16, 31, 32, 53, 63, 64):
        for n in ((1 << bits) - 1, 1 << bits, -(1 << bits), -(1 << bits) - 1):
            attempt("cbor", cbor.encode, n)
    whole = cbor.encode([1, 0, "前台", {1: b"ab", 2: [], 30: [[1, 2], [70000, -5]]}])
    show("cbor", whole)
    for _ in range(400):
        at = rng.below(len(whole))
        damaged = whole[:at] + bytes([rng.below(128)]) + whole[at + 1 :]
        try:
            again = cbor.encode(cbor.decode(damaged))
        except cbor.CborError as error:
            show("damaged", str(error))
        else:
            show("damaged", again == damaged)
    outside: list[object] = [None, 1.5, {"a": 1}, {-1: 1}, [[[[[[[]]]]]]], {1: 1, "a": 2}]
    for value in outside:
        attempt("refused", cbor.encode, value)


def asked(rng: Lcg) -> None:
    """Requests, steps and decisions, true and touched; marks of cards."""
    for kind in sorted(online.MESSAGES):
        name, direction, rows = online.MESSAGES[kind]
        for _ in range(40):
            body: dict[int, object] = {}
            for key, _field, what, _unit, low, high, _required in rows:
                size = low + rng.below(3) if rng.below(2) else high - rng.below(3) + 1
                if what == "frames":
                    body[key] = [rng.bytes(rng.below(5)) for _ in range(min(size, 9))]
                elif what == "bytes":
                    body[key] = bytes(max(size, 0))
                else:
                    body[key] = "x" * max(size, 0) if what == "text" else size
            attempt(name, messages.check, kind, direction, body)
    for session, step in ((1, 0), (7, 4095), (rng.below(1 << 20), rng.below(4096))):
        show("number", online.number(session, step))
    marks = rng.bytes(40)
    show("marked", [online.is_marked(marks, marks[at : at + 4]) for at in range(36)])


def wire(rng: Lcg) -> None:
    """Envelopes, bundles, sequences, topics."""
    key = rng.bytes(32)
    body = messages.body(
        messages.WELCOME, nonce=rng.bytes(8), epoch=3, now_s=1_800_000_000, hotlist=5, allowed=6
    )
    message = envelope.seal(key, messages.DOWN, "K1", (3, 7), messages.WELCOME, body)
    show("message", message)
    show("opened", envelope.open_(key, messages.DOWN, "K1", message)[:2])
    for args in (
        (key, 0, "K1", message),
        (key, 1, "K2", message),
        (key, 1, "K1", message[1:]),
        (key, 1, "K1", b""),
    ):
        attempt("refused", envelope.open_, *args)
    unsettled = {1: bytes(7), 2: 1, 3: 1, 4: 1, 6: 0, 9: 70_000}
    records = [[n, messages.UNSETTLED, unsettled] for n in (1, 70_000)]
    journal = envelope.seal(key, messages.UP, "K1", (3, 0), messages.JOURNAL, {1: records})
    show("journal", journal)
    show("opened", envelope.open_(key, messages.UP, "K1", journal)[2][1] == records)
    told = envelope.content(messages.UNSETTLED, messages.UP, unsettled)
    show("content", envelope.journal_content(1, bytearray(envelope.record(1, told))))
    for record in ([0, 3, unsettled], [1, 1, unsettled], [1, 3, {}], [1, 3], 7):
        attempt("checked", messages.check, messages.JOURNAL, messages.UP, {1: [records[0], record]})
    nonce = bytes(8)
    wrong: list[object] = [{}, {1: b"", 2: 1, 3: 1}, {1: nonce, 2: 0, 3: 1}, {1: nonce, 2: 1, 3: 1, 4: 1}, []]
    for broken in wrong:
        attempt("checked", messages.check, messages.WELCOME, messages.DOWN, broken)
    packed = bundle.encode("K1", 1, rng.bytes(32), "127.0.0.1", 1883, password="secret 密码")
    show("bundle", packed)
    show("bundle", bundle.decode(packed)["password"])
    for size in range(0, len(packed), 9):
        attempt("cut", bundle.decode, packed[:size])
    packed = seal.role_keys(
        [(role, 70_000, seal.wrap(key[:16], rng.bytes(16))) for role in ("debit", "read")]
    )
    show("keys", packed)
    show("keys", sorted(seal.open_role_keys(key[:16], packed).items()))
    for at in range(0, len(packed), 5):
        attempt(
            "keys", seal.open_role_keys, key[:16], packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
        )
        attempt("keys", seal.open_role_keys, key[:16], packed[:at])
    for _ in range(20):
        upto, ranges = rng.below(5), []
        for _ in range(4):
            first = (ranges[-1][1] if ranges else upto) + 2 + rng.below(3)
            ranges.append([first, first + rng.below(3)])
        show("held", [sequence.holds(upto, ranges, counter) for counter in range(40)])
    for topic in ("tapledger/v1/K1/up", "tapledger/v1//up", "x", ""):
        show("topic", topics.kiosk_of(topic))


def new_kiosks(rng: Lcg) -> None:
    """Codes, sealed bundles, device files and configurations, good and damaged."""
    for size in (0, 15, 16, 17, 250):
        secret, made = rng.bytes(10), rng.bytes(size)
        code = pairing.code(secret)
        show("code", code)
        show("identifier", pairing.identifier(secret))
        sealed = pairing.seal(secret, rng.bytes(16), made)
        show("sealed", sealed)
        show("opened", pairing.open_(secret, sealed) == made)
        for _ in range(10):
            at = rng.below(len(code))
            attempt("typed", pairing.secret_of, code[:at] + "0ilO-U 9z"[rng.below(9)] + code[at + 1 :])
            at = rng.below(len(sealed))
            attempt("opened", pairing.open_, secret, sealed[:at] + rng.bytes(1) + sealed[at + 1 :])
    whole = device.encode(board="s3", keypad=1, ssid="店", host="h", port=80)
    show("device", whole)
    for _ in range(60):
        at = rng.below(len(whole))
        damaged = whole[:at] + bytes([rng.below(128)]) + whole[at + 1 :]
        attempt("device", lambda damaged=damaged: device.encode(**device.decode(damaged)))
    font = b"TLF1\x02\x02\x00" + b"A\x00\x00\x08" + (23).to_bytes(4, "little")
    font += b"B\x00\x00\x08" + (25).to_bytes(4, "little") + b"abcd"
    for at in range(len(font)):
        show("glyphs", usable.fault({"glyphs": font[:at] + rng.bytes(1) + font[at + 1 :]}))


ciphers(Lcg(1))
messaging(Lcg(2))
codec(Lcg(3))
versions(Lcg(5))
wire(Lcg(4))
asked(Lcg(6))
account_cards(Lcg(5))
new_kiosks(Lcg(7))
