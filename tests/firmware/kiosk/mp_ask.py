"""A request from begin to end: APDUs are carried in order, and only words to this request count."""

MICROPYTHON_ONLY = True

import asyncio

from drivers.pn532 import CardGone, ReaderFault
from hal import duty
from kiosk import online as requests
from kiosk import pin
from kiosk.ask import ask
from kiosk.ring import RingFull
from net import heard
from protocol.wire import messages, online, seal
from tests.firmware.chip_clock import ChipClock

UID = b"1234567"


class Part:
    """Link, reader, presence, journal, front and settings of a teller in one."""

    keypad, seal_key, mark = None, bytes(range(16)), (0, 0)
    price_fen, card, shown_fen, reason, online, full = 2500, online.PLAIN, None, "", True, False
    keys = ""

    def __init__(self, words=(), card=None):
        self.link = self.reader = self.presence = self.journal = self.front = self.settings = self
        self.charges, self.config, self.greeted = self, {"mode": "fixed"}, None
        self.uid, self.marks = UID, UID[-4:]
        self.coming, self.answers = list(words), list(card or [])
        self.said, self.apdus, self.noted = [], [], []

    def greet(self, number, said):
        self.greeted = number, said

    async def ask(self, kind, number=None, **values):
        if number is None:  # the journal's
            if self.full:
                raise RingFull()
            self.noted.append("asked")
            return (1, 7)
        body = messages.body(kind, nonce=bytes(8), **values)
        self.said.append((kind, number, messages.fields(kind, body)))
        while self.coming:
            kind, more = self.coming.pop(0)
            request = [said["request"] for _, _, said in self.said if "request" in said][-1]
            heard.word(self, kind, dict(more, request=more.get("request", request)))
            if kind in (online.RELAY, online.DECISION):
                break
        return True

    async def transceive(self, apdu):
        self.apdus.append(apdu)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Journal:
    def __init__(self, full=False):
        self.full, self.noted = full, []

    def ask(self, values):
        if self.full:
            raise RingFull()
        self.noted.append(("asked", values["amount_fen"]))
        return 1, 7

    def taken(self, values):
        self.noted.append(("taken", values["value_fen"]))

    def unknown(self):
        self.noted.append("unknown")


def teller(words=(), card=None, full=False):
    made = Part(words, card)
    made.journal = Journal(full)
    made.clock = lambda: 1700000000
    made.may_return = lambda: made.journal.noted.append("may return")
    requests.show_reading = lambda _teller, _what: made.journal.noted.append("shown")
    return made


def step(number, *apdus, **more):
    return online.RELAY, dict({"session": 3, "step": number, "apdus": list(apdus)}, **more)


def decision(code=online.DONE, amount_fen=2500, balance_fen=7500, reason=""):
    values = {"code": code, "amount_fen": amount_fen, "balance_fen": balance_fen, "reason": reason}
    return online.DECISION, values


def test_apdus_are_carried_in_order_and_answered_by_step():
    made = teller([step(1, b"a1", b"a2"), step(2, b"a3"), decision()], [b"r1", b"r2", b"r3"])
    found = asyncio.run(ask(made, online.COLLECT, online.PURSE))
    assert found["balance_fen"] == 7500 and made.apdus == [b"a1", b"a2", b"a3"]
    asked, first, second = [values for _, _, values in made.said]
    assert (asked["uid"], asked["wants"], "amount_fen" in asked) == (UID, online.COLLECT, False)
    assert (first["session"], first["step"], first["answers"], first["gone"]) == (3, 1, [b"r1", b"r2"], 0)
    assert (second["step"], second["answers"]) == (2, [b"r3"])


def test_a_word_to_another_request_is_none():
    ChipClock.step_ms = 1000
    clock = ChipClock()
    made = teller([step(1, b"a1", request=b"another!")])

    async def run():
        waiting = asyncio.create_task(ask(made, online.COLLECT, online.PURSE))
        await asyncio.sleep_ms(5)
        clock.ms += online.SESSION_MS
        duty.rouse("nfc")
        return await waiting

    assert asyncio.run(run()) is None and made.apdus == []


def test_a_card_that_leaves_is_told_with_what_it_answered():
    for fault in (CardGone("gone"), ReaderFault("silent"), b"x", bytes(262)):
        made = teller([step(1, b"a1", b"a2", b"a3")], [b"r1", fault])
        try:
            asyncio.run(ask(made, online.COLLECT, online.PURSE))
        except (CardGone, ReaderFault):
            values = made.said[-1][2]
            assert (values["answers"], values["gone"], made.apdus) == ([b"r1"], 1, [b"a1", b"a2"])
            continue
        raise AssertionError("went on")


def test_nothing_is_asked_when_nothing_waits_or_the_host_is_away():
    for changed in ({"online": False}, {"marks": b""}, {"marks": b"4567" + b"1234"}):
        made = teller([decision()])
        for name in changed:
            setattr(made, name, changed[name])
        waits = changed.get("marks", b"")[:4] == UID[-4:]
        assert asyncio.run(requests.collect(made)) == (2500 if waits else 0)
        assert len(made.said) == waits


def test_a_payment_is_in_flash_before_it_is_asked_and_taken_before_it_is_shown():
    made = teller([decision()])
    assert asyncio.run(requests.pay(made)) == "approved"
    assert made.journal.noted == [("asked", 2500), ("taken", 7500)]
    kind, number, values = made.said[0]
    assert (kind, number, values["amount_fen"], values["card"]) == (online.ASK, 7, 2500, online.PLAIN)


def test_no_answer_a_no_and_another_amount_take_nothing():
    cases = [
        (decision(online.REFUSED, 0, 300, "low"), "low", 300),
        (decision(online.REFUSED, 0, 300, "never heard"), "desk", None),
        (decision(online.UNKNOWN), "desk", None),
        (decision(amount_fen=2400), "desk", None),
    ]
    for word, reason, shown in cases:
        made = teller([word])
        assert asyncio.run(requests.pay(made)) == "refused"
        assert (made.reason, made.shown_fen) == (reason, shown)
        assert made.journal.noted == [("asked", 2500), "unknown"]


def test_a_card_that_leaves_while_it_is_asked_takes_nothing_and_may_come_again():
    made = teller([step(1, b"a1")], [CardGone("gone")])
    assert asyncio.run(requests.pay(made)) == "refused"
    assert made.reason == "early" and made.journal.noted == [("asked", 2500), "may return", "unknown"]


def test_a_reader_that_fails_leaves_the_request_to_be_reversed():
    made = teller([step(1, b"a1")], [ReaderFault("silent")])
    try:
        asyncio.run(requests.pay(made))
    except ReaderFault:
        assert made.journal.noted == [("asked", 2500), "unknown"]
        return
    raise AssertionError("went on")


def test_a_full_journal_asks_nobody():
    made = teller([decision()], full=True)
    assert asyncio.run(requests.pay(made)) == "refused"
    assert (made.reason, made.said) == ("full", [])


def test_a_pin_that_the_host_wants_is_entered_sealed_and_asked_anew():
    no = [decision(online.REFUSED, 0, 0, reason) for reason in ("pin", "pin-wrong", "pin-blocked")]
    for words, typed, event, reason in (
        ([no[0], no[1], decision()], [b"1111", b"2468"], "approved", None),
        ([no[0], no[1], no[2]], [b"1111", b"2222"], "refused", "blocked"),
        ([no[0]], [None], "refused", "pin_needed"),
        ([no[0], no[1]], [b"1111", None], "refused", "pin_wrong"),
    ):
        made, left = teller(words), list(typed)
        made.keypad = made

        async def enter(made, left=left):
            digits = left.pop(0)
            made.keys = "9" if digits else ""  # one too many
            return digits

        pin.enter = enter
        found = asyncio.run(requests.pay(made))
        assert (found, left) == (event, []), (found, left, made.reason)
        assert reason in (None, made.reason)
        asked = [values for _, _, values in made.said]
        assert made.keys == "", "no key pressed after a PIN is an amount"
        assert "pin" not in asked[0] and len(asked) == len(words)
        for values, digits in zip(asked[1:], typed):
            assert seal.open_pin(made.seal_key, values["request"], values["pin"]) == digits.decode()
        assert made.journal.noted[0::2] == [("asked", 2500)] * len(words)


def test_a_kiosk_without_a_keypad_says_that_a_pin_is_wanted():
    made = teller([decision(online.REFUSED, 0, 0, "pin")])
    assert (asyncio.run(requests.pay(made)), made.reason) == ("refused", "pin_needed")
