"""PN532 driver against a scripted serial line: each way a reader can be wrong has its sentence."""

MICROPYTHON_ONLY = True

import asyncio
import io
import random

from drivers import pn532

ACK = pn532.ACK


class Line(io.IOBase):
    """The UART, a true edge: answers the n-th command with the n-th bytes of the script."""

    def __init__(self, *script):
        self.script = list(script)
        self.waiting = b""
        self.sent = []

    def write(self, data):
        self.sent.append(bytes(data))
        if self.script:
            self.waiting += self.script.pop(0)
        return len(data)

    def read(self, n=-1):
        if not self.waiting:
            return None
        taken, self.waiting = self.waiting[:n], self.waiting[n:]
        return taken

    def ioctl(self, request, flags):
        if request != 3:  # poll
            return 0
        return (flags & 4) | (flags & 1 if self.waiting else 0)


class Pin:
    def __init__(self):
        self.levels = []

    def value(self, level):
        self.levels.append(level)


def no_baud(_rate):
    """A line whose rate nobody changes."""


def frame(content):
    body = b"\xd5" + content
    head = bytes([0, 0, 0xFF, len(body), -len(body) & 0xFF])
    return head + body + bytes([-sum(body) & 0xFF, 0])


def ask(*script, call=None):
    """-> (result, fault type, sentence)"""
    driver = pn532.Pn532(Line(*script), Pin(), no_baud)
    try:
        return asyncio.run(call(driver) if call else driver.command(0x02)), None, ""
    except (pn532.ReaderFault, pn532.CardGone) as fault:
        return None, type(fault), str(fault)


def test_a_command_is_framed_and_its_answer_opened():
    line = Line(ACK + frame(b"\x03\x32\x01\x06\x07"))
    driver = pn532.Pn532(line, Pin(), no_baud)
    assert asyncio.run(driver.command(0x02)) == b"\x32\x01\x06\x07"
    assert line.sent == [b"\x00\x00\xff\x02\xfe\xd4\x02\x2a\x00"]


VERSION = ACK + frame(b"\x03\x32\x01\x06\x07")
CONFIGURED = ACK + frame(b"\x15"), ACK + frame(b"\x33")


def start(*script):
    """-> (version or fault, levels of the reset pin, baud rates set, bytes sent)"""
    pin, rates, line = Pin(), [], Line(*script)
    try:
        said = asyncio.run(pn532.Pn532(line, pin, rates.append).start())
    except pn532.ReaderFault as fault:
        said = str(fault)
    return said, pin.levels, rates, line.sent


def test_start_resets_wakes_hurries_and_configures():
    said, levels, rates, sent = start(b"", VERSION, ACK + frame(b"\x11"), b"", VERSION, *CONFIGURED)
    assert said == b"\x32\x01\x06\x07"
    assert levels == [0, 1] and rates == [115200, 921600]
    assert sent[0][:2] == b"\x55\x55"
    assert sent[2] == b"\x00\x00\xff\x03\xfd\xd4\x10\x07\x15\x00" and sent[3] == ACK


def test_a_line_that_carries_no_other_rate_works_on_at_the_first():
    refused = b"", VERSION, ACK + b"\x00\x00\xff\x01\xff\x7f\x81\x00"
    garbled = b"", VERSION, ACK + frame(b"\x11"), b"", b"\xf8\x00\x80"
    silent = b"", VERSION, ACK + frame(b"\x11"), b"", b""
    for script in (refused, garbled, silent):
        said, levels, rates, _ = start(*script, b"", *CONFIGURED)
        assert said == b"\x32\x01\x06\x07", script
        assert levels == [0, 1, 0, 1] and rates[-1] == 115200


def test_a_reader_that_is_silent_is_asked_once():
    assert start()[0] == "reader is silent"


def test_faults_of_the_reader_have_their_sentence():
    good = frame(b"\x03\x32\x01\x06\x07")
    cases = (
        ((b"",), "reader is silent"),
        ((ACK,), "reader is silent"),
        ((good,), "no acknowledgement"),
        ((ACK + good[:4] + b"\x00" + good[5:],), "broken frame"),
        ((ACK + b"\x01" + good[1:],), "broken frame"),
        ((ACK + good[:-2] + b"\x00\x00",), "checksum of a frame is wrong"),
        ((ACK + frame(b"\x05\x32"),), "answer to another command"),
        ((ACK + b"\x00\x00\xff\x01\xff\x7f\x81\x00",), "answer to another command"),
        ((ACK + frame(b""),), "answer to another command"),
    )
    for script, sentence in cases:
        assert ask(*script) == (None, pn532.ReaderFault, sentence), (script, ask(*script))


def test_cards_found_and_not_found():
    def find(driver):
        return driver.find()

    seven = b"\x4b\x01\x01\x03\x44\x20\x07\x04\x01\x02\x03\x04\x05\x06\x06\x75\x77\x81\x02\x80"
    nothing = ACK + frame(b"\x4b\x00")
    assert ask(nothing, nothing, call=find) == (None, None, "")
    assert ask(ACK + frame(seven), call=find)[0] == (b"\x04\x01\x02\x03\x04\x05\x06", 0x20)
    assert ask(ACK + frame(seven[:6] + b"\x05" + seven[7:]), call=find)[1] == pn532.ReaderFault  # no such UID
    two = b"\x4b\x02" + seven[2:]
    assert ask(ACK + frame(two), call=find)[0] == (b"", 0)
    for size in range(3, 14):  # cut short anywhere before the UID's end
        assert ask(ACK + frame(seven[:size]), call=find)[1] == pn532.ReaderFault, size


def test_what_was_found_is_let_go_before_the_next_search():
    one = b"\x4b\x01\x01\x00\x04\x08\x04\x01\x02\x03\x04"
    line = Line(ACK + frame(one), ACK + frame(b"\x53\x00"), *4 * (ACK + frame(b"\x4b\x00"),))
    driver = pn532.Pn532(line, Pin(), no_baud)
    found = [asyncio.run(driver.find()) for _ in range(3)]
    assert found == [(b"\x01\x02\x03\x04", 0x08), None, None]
    assert [sent[6] for sent in line.sent] == [0x4A, 0x52] + 4 * [0x4A]


def test_a_felica_card_is_looked_for_where_there_is_no_other():
    def find(driver):
        return driver.find()

    nothing, idm = ACK + frame(b"\x4b\x00"), b"\x01\x23\x45\x67\x89\xab\xcd\xef"
    card = b"\x4b\x01\x01\x12\x01" + idm + bytes(8)
    assert ask(nothing, ACK + frame(card), call=find) == ((idm, 0), None, "")
    for size in range(3, len(card)):
        assert ask(nothing, ACK + frame(card[:size]), call=find)[1] == pn532.ReaderFault, size
    assert ask(nothing, ACK + frame(card[:4] + b"\x02" + card[5:]), call=find)[1] == pn532.ReaderFault


def rates_asked_for(ats, answer=b"\x4f\x00"):
    """-> InPSL frames sent before two APDUs to a card with this ATS, and whether both were answered"""
    card = b"\x4b\x01\x01\x03\x44\x20\x04\x01\x02\x03\x04" + ats
    apdu = ACK + frame(b"\x41\x00\x91\x00")

    async def tap(driver, line):
        await driver.find()
        line.script = [ACK + frame(answer), apdu, apdu] if driver._rate else [apdu, apdu]
        return await driver.transceive(b"\x60"), await driver.transceive(b"\x60")

    line = Line(ACK + frame(card))
    answers = asyncio.run(tap(pn532.Pn532(line, Pin(), no_baud), line))
    return [sent[7:10] for sent in line.sent if sent[6] == 0x4E], answers == (b"\x91\x00", b"\x91\x00")


def test_a_card_is_told_once_to_speak_as_fast_as_both_can():
    cases = (
        (b"\x06\x75\x77\x81\x02\x80", 2),  # DESFire: all rates
        (b"\x06\x75\x33\x81\x02\x80", 2),  # 424 at most
        (b"\x06\x75\x11\x81\x02\x80", 1),
        (b"\x06\x75\x71\x81\x02\x80", 1),  # from the card 848, to the card 212
        (b"\x06\x75\x22\x81\x02\x80", 0),  # 424 without 212: not a card that we know
        (b"\x06\x75\x00\x81\x02\x80", 0),
        (b"\x05\x65\x81\x02\x80", 0),  # no TA
        (b"\x02\x75", 0),
        (b"\x01", 0),
        (b"", 0),
    )
    for ats, rate in cases:
        assert rates_asked_for(ats) == ([bytes([1, rate, rate])] if rate else [], True), ats


def test_a_card_that_takes_no_other_rate_is_no_fault():
    assert rates_asked_for(b"\x06\x75\x77\x81\x02\x80", b"\x4f\x01") == ([b"\x01\x02\x02"], True)


def test_more_cards_than_were_asked_for_are_a_fault():
    def find(driver):
        return driver.find()

    assert ask(ACK + frame(b"\x4b\x03\x01"), call=find)[1:] == (pn532.ReaderFault, "3 cards at once")


def test_a_card_that_left_is_told_from_a_broken_reader():
    def tell(driver):
        return driver.transceive(b"\x90\x60\x00\x00\x00")

    assert ask(ACK + frame(b"\x41\x00\x04\x91\xaf"), call=tell)[0] == b"\x04\x91\xaf"
    assert ask(ACK + frame(b"\x41\x01"), call=tell)[1:] == (pn532.CardGone, "reader status 01")
    assert ask(ACK + frame(b"\x41"), call=tell)[1:] == (pn532.ReaderFault, "exchange answered nothing")


def test_nothing_that_a_reader_says_is_more_than_a_fault():
    """Noise, cut frames, overlong ones, and right frames with any content."""
    random.seed(1)
    card = b"\x4b\x01\x01\x03\x44\x20\x07\x04\x01\x02\x03\x04\x05\x06\x06\x75\x77\x81\x02\x80"
    good = frame(card)

    def noise(size):
        return bytes([random.getrandbits(8) for _ in range(random.getrandbits(8) % size)])

    def of_command(driver):
        return driver.command(0x4A)

    def of_find(driver):
        return driver.find()

    def of_transceive(driver):
        return driver.transceive(b"\x60")

    outcomes = set()
    pn532.ANSWER_MS = 1  # the line is silent soon enough
    for _ in range(100):
        cut = good[: random.getrandbits(8) % len(good)] + noise(4)
        framed = frame(noise(40)), frame(b"\x4b" + noise(9))
        for said in (noise(40), ACK + noise(40), ACK + cut, ACK + framed[0], ACK + framed[1]):
            for call in (of_command, of_find, of_transceive):
                _, fault, sentence = ask(said, call=call)
                assert fault is None or sentence
                outcomes.add(fault)
    assert {None, pn532.ReaderFault} <= outcomes <= {None, pn532.ReaderFault, pn532.CardGone}
