"""The counter of a simulated shop: a desk reader, and the clerk who works there through the host's API.

The clerk is a program with the first operator's token. What it may not do alone is approved by a person with
a login of his own, who is made when he is first needed.
"""

import os
import secrets
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from simulator.card import ContactlessCard
from simulator.host import HostProcess, HostRefusal
from simulator.reader import Field, PtyReader
from simulator.wallet import HeldCard

T = TypeVar("T")
DESK_TRIES: Final = 3
# What the host says of a card or reader that left: put it back, and ask for the same again.
PUT_BACK: Final = ("card-gone", "load-pending", "no-card", "reader")
_REASON: Final = "as the scenario says"
_SECOND: Final = "second"
_EXPOSURE: Final = "exposure"


class Counter:
    """Every method may raise HostRefusal with the host's sentence, or HostDown."""

    def __init__(self, host: HostProcess, reader: PtyReader, field: Field, hand: threading.Lock) -> None:
        self._host = host
        self._reader = reader
        self._field = field
        self._hand = hand  # one card at a time lies on the reader
        self._asked: list[tuple[HeldCard, HeldCard, str]] = []  # replacements that wait for kiosks

    def at_reader(self, card: ContactlessCard, ask: Callable[[str], T], *, puts_back: bool = True) -> T:
        """Lay a card on the reader, ask the host for something about `tty:...`, take it away again.

        Told to put it back and ask again, the clerk does: on a busy machine the reader's line is slow, and a
        card seems gone. puts_back False: not one that has really left.
        """
        with self._hand:
            for again in range(DESK_TRIES - 1, -1, -1):
                self._field.place(card)
                try:
                    return ask(f"tty:{self._reader.path}")
                except HostRefusal as refusal:
                    stays = puts_back or card.in_field
                    if not again or not stays or refusal.code not in PUT_BACK:
                        raise
                finally:
                    self._field.remove()
        raise AssertionError("the last try returns or raises")

    def issue(self, held: HeldCard, balance_fen: int) -> None:
        """A blank card becomes one of its kind, with this much on it; 0 loads nothing."""
        if held.kind == "purse":
            self.at_reader(
                held.card, lambda reader: self._host.post("/cards", reader=reader, amount_fen=balance_fen)
            )
            return
        money: dict[str, Any] = {"amount_fen": balance_fen} if balance_fen else {}
        self._act_at_reader(held, "issue", kind=held.kind, **money)

    def top_up(self, held: HeldCard, amount_fen: int, *, there: bool) -> str:
        """Cash for a card; `there`: a purse lies on the reader, else it waits for its next online tap.

        -> "" or, when the card left by itself meanwhile, what the host said of that.
        """
        if held.kind != "purse" or not there:
            self.act("top-up", uid=held.uid, amount_fen=amount_fen)
            return ""
        try:
            self._act_at_reader(held, "top-up", puts_back=False, amount_fen=amount_fen)
        except HostRefusal as refusal:
            if refusal.code not in PUT_BACK:
                raise
            return str(refusal)
        return ""

    def report(self, act: str, held: HeldCard) -> None:
        """act: lost, void or hot."""
        self.act(act, uid=held.uid, reason=_REASON)

    def replace(self, old: HeldCard, new: HeldCard, *, accepting: bool = False) -> str:
        """`new`, issued before, takes over what `old` held.

        -> "" or, while kiosks may still take the old card, the host's sentence; then `ask_again` finishes
        it. accepting: a second person accepts that they may.
        """
        return self._replace(old, new, secrets.token_hex(8), accepting)

    def ask_again(self) -> str:
        """Replacements that waited for kiosks, asked for once more -> "" or why some still wait."""
        asked, self._asked = self._asked, []
        return " ".join(filter(None, (self._replace(*one, accepting=False) for one in asked)))

    def _replace(self, old: HeldCard, new: HeldCard, key: str, accepting: bool) -> str:
        more = {"accept_exposure": True} if accepting else {}
        try:
            self._act_at_reader(new, "replace", key, uid=old.uid, reason=_REASON, **more)
        except HostRefusal as refusal:
            if refusal.code != _EXPOSURE:
                raise
            self._asked.append((old, new, key))
            return str(refusal)
        return ""

    def _act_at_reader(
        self, held: HeldCard, act: str, key: str | None = None, *, puts_back: bool = True, **body: object
    ) -> None:
        key = key or secrets.token_hex(8)
        self.at_reader(
            held.card, lambda reader: self.act(act, key, reader=reader, **body), puts_back=puts_back
        )

    def act(self, act: str, key: str | None = None, **body: object) -> dict[str, Any]:
        """One act at the desk, with a second person's yes where it wants one; key: to ask again."""
        key = key or secrets.token_hex(8)
        answer: dict[str, Any] = self._host.act(act, key, body)
        if "waits" in answer:
            yes = {"approval": answer["waits"]["id"], "yes": True}
            self._host.act("approve", secrets.token_hex(8), yes, token=self._second())
            answer = self._host.act(act, key, body)
        return answer

    def _second(self) -> str:
        """A session of the person who says yes; his password is kept beside the machine's token."""
        folder = self._host.data
        password = folder / "second-password"
        if not password.exists():
            with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(16))
            said = ["--data", str(folder), "--passphrase-file", str(folder / "passphrase")]
            named = ["operators", "add", _SECOND, "--role", "owner", "--password-file", str(password)]
            self._host.command([*named, *said])
        made = self._host.post("/login", name=_SECOND, password=password.read_text(encoding="ascii"))
        return str(made["token"])
