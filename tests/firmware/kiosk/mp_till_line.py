"""A till on the serial line: lines with a check, answered one by one; nonsense too, and it ends nothing."""

MICROPYTHON_ONLY = True

import asyncio
from binascii import crc32

from host_side import acknowledge
from mp_till import NOW_S, Teller

from kiosk import till
from kiosk.till_line import Line
from protocol.wire.till import CARD


def line(text, check=None):
    return b"%s*%s\r\n" % (text, check or b"%08X" % crc32(text))


class Till:
    """The other end of the line, and the kiosk behind it."""

    def __init__(self, device=None, teller=None):
        self.teller = teller or Teller(device)
        self.written = b""
        self.teller.line = self.line = Line(self.teller, self)

    def write(self, data):
        self.written += data

    def say(self, *texts, raw=b""):
        """Lines to the kiosk, which then looks -> its answers."""
        self.hear(b"".join([line(text) for text in texts]) + raw)
        till.choose(self.teller)
        return self.answers()

    def hear(self, data, step=7):
        class Reader:
            def __init__(self, _stream):
                self.parts = [data[at : at + step] for at in range(0, len(data), step)]

            async def read(self, _size):
                if not self.parts:
                    raise asyncio.CancelledError()
                return self.parts.pop(0)

        asyncio.StreamReader, real = Reader, asyncio.StreamReader
        try:
            asyncio.run(self.line.run())
        except asyncio.CancelledError:
            pass
        finally:
            asyncio.StreamReader = real

    def answers(self):
        rows, self.written = self.written.split(b"\r\n"), b""
        found = []
        for row in rows[:-1]:
            text, _, check = row.partition(b"*")
            assert check == b"%08X" % crc32(text), row
            found.append(text)
        return found

    def pay(self, ends=True):
        self.teller.sell(ends)
        self.teller.tap("VERDICT", "approved" if ends else "unknown")
        if ends:
            self.teller.journal.shown()
        return self.answers()


def test_a_charge_waits_and_is_paid():
    there = Till()
    assert there.say(b"CHARGE 42 1200 60") == [b"WAIT 42"]
    assert (there.teller.price_fen, there.teller.order[3]) == (1200, NOW_S + 60)
    there.teller.tap("CARD_WAIT", "card")
    assert there.answers() == [b"CARD 42"]
    assert there.pay() == [b"PAID 42 1.1"]
    assert there.say(b"CHARGE 42 1200 60", b"STATUS 42") == [b"PAID 42 1.1"] * 2, "asked again: told again"
    assert there.teller.order is None


def test_after_a_restart_the_same_line_is_answered_from_flash():
    for ends, word in ((True, b"PAID 42 1.1"), (False, b"UNKNOWN 42 again")):
        there = Till()
        there.say(b"CHARGE 42 1200")
        there.pay(ends)
        again = Till(there.teller.device)
        assert again.say(b"CHARGE 42 1200") == [word] and again.teller.order is None
        assert again.say(b"STATUS 42", b"STATUS 43") == [word, b"NONE 43"]
        assert again.say(b"CHARGE 41 1200") == [b"ERROR 41 old"], "it may have been paid long ago"


def test_what_was_unknown_is_told_once_the_card_has_told():
    for paid, word in ((1, b"PAID 42 1.1"), (0, b"REFUSED 42 unpaid")):
        there = Till()
        there.say(b"CHARGE 42 1200")
        assert there.pay(ends=False) == [b"UNKNOWN 42 again"]
        there.teller.journal.settle(
            (1, 1), {"uid": b"\x04123456", "issue": 1, "amount_fen": 1200, "paid": paid}
        )
        assert there.say(b"STATUS 42") == [word]


def test_what_the_host_did_not_believe_is_never_told_as_paid():
    for event, word in (("rejected", b"REFUSED 42 forged"), ("unheard", b"UNKNOWN 42 again")):
        there = Till()
        there.say(b"CHARGE 42 1200")
        there.teller.sell()
        there.teller.tap("VERDICT", event)
        assert there.answers() == [word]
        assert there.say(b"STATUS 42", b"CHARGE 42 1200", b"CANCEL 42") == [word] * 3, event


def test_a_sale_that_the_host_called_forged_is_not_paid_after_a_restart_either():
    there = Till()
    there.say(b"CHARGE 42 1200")
    there.teller.sell()
    there.teller.journal.close((1, 1))  # as net/heard.py does
    there.teller.tap("VERDICT", "rejected")
    there.say(b"CHARGE 43 1200")
    there.pay()
    again = Till(there.teller.device)
    assert again.say(b"STATUS 42", b"STATUS 43") == [b"REFUSED 42 forged", b"PAID 43 1.2"]
    assert again.say(b"CHARGE 42 1200") == [b"REFUSED 42 forged"] and again.teller.order is None


def test_a_sale_cut_before_the_hosts_word_is_not_called_paid_before_it_comes():
    for code, word in ((0, b"PAID 42 1.1"), (1, b"REFUSED 42 forged"), (2, b"PAID 42 1.1")):
        there = Till()
        there.say(b"CHARGE 42 1200")
        there.teller.sell()
        again = Till(there.teller.device)  # the power goes while the host is waited for
        silent = [b"UNKNOWN 42 silent"] * 3
        assert again.say(b"STATUS 42", b"CHARGE 42 1200", b"CANCEL 42") == silent
        if code == 2:
            again.teller.journal.shown()  # the same card was tapped, and its customer told
        else:
            acknowledge(again.teller.journal)
        if code == 1:
            again.teller.journal.close((1, 1))  # as net/heard.py does
        assert again.say(b"STATUS 42", b"CHARGE 42 1200") == [word] * 2, code
        if code:
            assert Till(there.teller.device).say(b"STATUS 42") == [word], "in flash"


def test_what_the_host_decided_is_paid_whether_the_customer_was_told_or_not():
    there = Till()
    there.say(b"CHARGE 42 1200")
    asked = {"uid": b"\x04123456", "amount_fen": 1200, "ref_epoch": till.LINE, "ref_counter": 42}
    there.teller.journal.ask(asked)
    there.teller.journal.taken(asked)
    assert Till(there.teller.device).say(b"STATUS 42") == [b"PAID 42 1.1"]


def test_a_charge_again_too_tells_what_the_card_told_later():
    for paid, word in ((1, b"PAID 42 1.1"), (0, b"REFUSED 42 unpaid")):
        there = Till()
        there.say(b"CHARGE 42 1200")
        there.pay(ends=False)
        there.teller.journal.settle(
            (1, 1), {"uid": b"\x04123456", "issue": 1, "amount_fen": 1200, "paid": paid}
        )
        assert there.say(b"CHARGE 42 1200", b"CANCEL 42") == [word] * 2


def test_a_cancel_and_an_amount_that_differs():
    there = Till()
    there.say(b"CHARGE 42 1200")
    assert there.say(b"CHARGE 42 1300") == [b"ERROR 42 amount"]
    assert there.say(b"CANCEL 42") == [b"CANCELLED 42"]
    assert there.say(b"STATUS 42") == [b"CANCELLED 42"]
    there.say(b"CHARGE 43 1200")
    there.pay()
    assert there.say(b"CHARGE 43 1100", b"CANCEL 43") == [b"ERROR 43 amount", b"PAID 43 1.1"]


def test_nor_does_the_next_sale_make_it_paid():
    there = Till()
    there.say(b"CHARGE 42 1200")
    there.teller.sell()
    again = Till(there.teller.device)
    again.say(b"CHARGE 43 1200")
    assert again.pay() == [b"PAID 43 1.2"]
    both = [b"UNKNOWN 42 silent", b"PAID 43 1.2"]
    assert again.say(b"STATUS 42", b"STATUS 43") == both
    later = Till(again.teller.device)
    assert later.say(b"STATUS 42", b"STATUS 43") == both
    later.say(b"CHARGE 44 1200")
    later.pay()
    assert later.say(b"STATUS 42", b"STATUS 43") == both, "whose customer was told stays paid"
    acknowledge(later.teller.journal)
    assert later.say(b"STATUS 42") == [b"PAID 42 1.1"]


def test_a_status_is_answered_while_a_card_is_served():
    there = Till()
    there.say(b"CHARGE 42 1200")
    there.teller.tap("CARD_WAIT", "card")
    there.answers()
    assert there.teller.order[4] == CARD
    there.hear(line(b"STATUS 42"))
    assert there.answers() == [b"CARD 42"]


def test_nonsense_is_answered_and_does_nothing():
    there = Till()
    for text, answer in (
        (b"", b"ERROR 0 word"),
        (b"PAY 42", b"ERROR 0 word"),
        (b"charge 42 1200", b"ERROR 0 word"),
        (b"CHARGE", b"ERROR 0 form"),
        (b"CHARGE 42", b"ERROR 0 form"),
        (b"CHARGE 0 1200", b"ERROR 0 form"),
        (b"CHARGE 4294967296 1200", b"ERROR 0 form"),
        (b"CHARGE 42 -1", b"ERROR 0 form"),
        (b"CHARGE 42 12.00", b"ERROR 0 form"),
        (b"CHARGE 42 1200 60 1", b"ERROR 0 form"),
        (b"STATUS 42 1", b"ERROR 0 form"),
        (b"CHARGE \xc2\xb2 1", b"ERROR 0 form"),
        (b"\xff\xfe", b"ERROR 0 word"),
        (b"CHARGE 42 0", b"ERROR 42 form"),
        (b"CHARGE 42 500001", b"ERROR 42 form"),
        (b"CHARGE 42 1200 901", b"ERROR 42 form"),
    ):
        assert there.say(text) == [answer], text
    assert there.say(b"CHARGE 42 5001") == [b"REFUSED 42 limit"]
    assert there.teller.order is None


def test_a_line_that_was_damaged_or_never_ends():
    there = Till()
    assert there.say(raw=line(b"CHARGE 42 1200", b"00000000")) == [b"ERROR 0 crc"]
    assert there.say(raw=b"CHARGE 42 1200\n") == [b"ERROR 0 crc"]
    assert there.say(raw=b"x" * 500 + b"\r\n\r\n" + line(b"STATUS 1")) == [b"ERROR 0 long", b"NONE 1"]
    assert there.say(raw=bytes(range(256)) * 3)[-1:] != [], "whatever comes, the line lives"
    assert there.say(raw=b"\n" + line(b"CHARGE 42 1200"))[-1] == b"WAIT 42"


def test_a_line_whose_task_ended_is_listened_to_again():
    """Such as by a flash that could not be read just then."""
    parts = [OSError(5), line(b"STATUS 1")]

    class Reader:
        def __init__(self, _stream):
            pass

        async def read(self, _size):
            return parts.pop(0) if len(parts) == 1 else await forever() if not parts else fail()

    async def forever():
        await asyncio.sleep_ms(10_000)

    def fail():
        raise MemoryError(parts.pop(0))

    class Stream:
        written = b""

        def write(self, data):
            self.written += data

    async def run():
        teller, stream = Teller(), Stream()
        teller.open_line = lambda: stream
        till.choose(teller)
        await asyncio.sleep_ms(5)
        assert teller.listening.done() and stream.written == b""
        till.choose(teller)
        await asyncio.sleep_ms(5)
        assert stream.written.startswith(b"NONE 1*")
        teller.listening.cancel()

    asyncio.StreamReader, real = Reader, asyncio.StreamReader
    try:
        asyncio.run(run())
    finally:
        asyncio.StreamReader = real


def test_the_host_comes_first_come_first_served():
    there = Till()
    assert there.teller.ask(3)
    assert there.say(b"CHARGE 42 900") == [b"REFUSED 42 busy"]
    assert there.say(b"CHARGE 42 900") == [b"REFUSED 42 busy"], "a new number when the kiosk is free"
