"""A terminal without MQTT: it asks a relay, and answers its steps from a virtual card or as it likes."""

import threading
from collections.abc import Callable
from typing import Any

from host.cards.in_use import InUse
from host.cards.payers import payers
from host.ledger import waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.terminals.line.traffic import Down
from host.terminals.relay.relay import Relay
from host.terminals.reported.rejections import Rejections
from host.terminals.sales.serving import Serving
from protocol.wire import envelope, greeting, mac, messages, online, topics
from simulator.card import DesfireCard
from tests.host.rig import KioskSide, Shop
from tests.waiting import until

Step = dict[str, Any]


class Terminals:
    """The relay of a shop; each kiosk that is added answers what goes down to it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.pushed = 0
        self.rejections = Rejections()
        self.in_use = InUse()
        self._of: dict[str, Terminal] = {}
        database, keeper = shop.opened.database, shop.opened.keeper
        serving = Serving(database, keeper, payers(database, keeper), self._push)
        serve = serving.table()
        self.relay = Relay(database, shop.kiosks, self.in_use, serve, self._send, self.rejections)
        self.relay.start()

    def add(self, name: str = "K1") -> "Terminal":
        """A kiosk that has said hello."""
        return self._added(self.shop.connected(name))

    def add_reader(self, name: str = "DESK1") -> "Terminal":
        """A desk reader that has said hello."""
        return self._added(self.shop.reader(name))

    def _added(self, side: KioskSide) -> "Terminal":
        self._of[side.name] = Terminal(self, side)
        return self._of[side.name]

    def refused(self) -> list[str]:
        """Why messages on the topic relay did not count."""
        return [one["sentence"] for one in self.rejections.to_json()["sample"]]

    def _push(self) -> None:
        self.pushed += 1

    def _send(self, down: list[Down]) -> None:
        for topic, payload in down:
            self._of[str(topics.kiosk_of(topic))].hear(payload)


class Terminal:
    """carry(apdu) -> the card's answer, or None for a card that is gone; silent: says nothing to a step."""

    def __init__(self, terminals: Terminals, kiosk: KioskSide) -> None:
        self.terminals, self.kiosk = terminals, kiosk
        self.steps: list[Step] = []
        self.decisions: list[Step] = []
        self.told: list[list[list[int]]] = []  # movements
        self.carry: Callable[[bytes], bytes | None] = lambda _apdu: None
        self.silent = False
        self._last = self.old = 0
        self._requests = 0

    def lay(self, card: DesfireCard) -> None:
        """A card on the reader."""
        if not card.in_field:
            card.enter_field()

        def carry(apdu: bytes) -> bytes | None:
            answer = card.exchange(apdu)
            if answer is not None:
                card.delivered()
            return answer

        self.carry = carry

    def ask(self, uid: bytes, wants: int = online.COLLECT, counter: int = 0, **more: Any) -> bytes:
        """Ask, in a request of its own -> the message."""
        self._requests += 1
        request = self._requests.to_bytes(8, "big")
        said = {"request": request, "wants": wants, "uid": uid, "card": online.PURSE, **more}
        return self.say(online.ASK, counter, **said)

    def say(self, kind: int, counter: int = 0, **values: Any) -> bytes:
        values.setdefault("nonce", self.kiosk.nonce)
        message = self.kiosk.message((self.kiosk.epoch, counter), kind, **values)
        self.replay(message)
        return message

    def replay(self, message: bytes) -> None:
        self.terminals.relay.take(topics.relay(self.kiosk.name), message)

    def hear(self, payload: bytes) -> None:
        """As a kiosk does: only what is fresh; the step is answered by a thread of its own."""
        down_key = mac.kiosk_keys(self.kiosk.given["secret"])[1]
        sequence, kind, body = envelope.open_(down_key, messages.DOWN, self.kiosk.name, payload)
        values = messages.fields(kind, body)
        assert values["nonce"] == self.kiosk.nonce
        assert sequence[0] == online.STREAM
        if sequence[1] <= self._last:  # the answer to a request that another one has overtaken
            self.old += 1
            return
        self._last = sequence[1]
        if kind == greeting.MOVES:
            self.told.append(values["rows"])
            return
        if kind == online.DECISION:
            self.decisions.append(values)
            return
        self.steps.append(values)
        if not self.silent:
            threading.Thread(target=self._answer, args=(values,)).start()

    def _answer(self, step: Step) -> None:
        answers = []
        for apdu in step["apdus"]:
            answer = self.carry(apdu)
            if answer is not None:
                answers.append(answer)
        self.answer(step, answers, gone=int(len(answers) < len(step["apdus"])))

    def answer(self, to: Step, answers: list[bytes], gone: int = 0, **changed: Any) -> bytes:
        said = {"session": to["session"], "step": to["step"], "answers": answers, "gone": gone}
        return self.say(online.ANSWER, **(said | changed))

    def decided(self, count: int = 1) -> Step:
        """The latest decision, once there are so many."""
        until(lambda: len(self.decisions) >= count)
        assert len(self.decisions) == count
        return self.decisions[-1]

    def asked(self, count: int = 1) -> Step:
        """The step that is open, once there were so many."""
        until(lambda: len(self.steps) >= count)
        return self.steps[count - 1]


def take(shop: Shop, card: DesfireCard, amount_fen: int = 500) -> None:
    """Cash waits for this card."""
    count = shop.query("SELECT count(*) FROM transactions")[0][0]
    with book(shop.opened.database) as books:
        waiting.take(books, card.uid, 1, amount_fen, HOUSE, "operator:desk", f"try {count}")
