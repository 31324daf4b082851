"""The straight way of a plain sale books what the decisions would, whatever comes before and after it."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from host.cards import hotlist, registry
from host.ledger import loads
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.terminals.intake import decisions, straight
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from protocol.wire import messages
from tests.host.keyed import WHO, KeyedCard, journal, keyed_cards
from tests.host.looks import holds
from tests.host.rig import NOW_S, KioskSide, Shop, open_shop

TABLES = (
    *("transactions", "transfers", "reports", "accounts", "purses", "purse_gaps", "chains", "kiosk_epochs"),
    *("kiosk_ranges", "kiosk_sessions", "suspects", "card_flags", "alarms", "hotlist", "settlements"),
)
STRANGER = bytes.fromhex("04770000000080")


class Stream:
    """Messages of a seed: most are plain sales, some are all that may be odd about one."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._draw = random.Random(seed)
        self.kiosks = [shop.connected(f"K{n}") for n in range(3)]
        self.cards = keyed_cards(shop, 20)
        give_bonus(shop, self.cards[4])
        self.cards.append(KeyedCard(STRANGER, shop.opened.keeper.tmac_key(STRANGER, 1, 1)))
        self._sent: list[tuple[str, bytes]] = []

    def batch(self, size: int) -> list[tuple[str, bytes]]:
        made = [self._message() for _ in range(size)]
        self._sent += made
        return made

    def _message(self) -> tuple[str, bytes]:
        draw, kiosk = self._draw, self._draw.choice(self.kiosks)
        card = draw.choice(self.cards)
        way = draw.randrange(30)
        if way == 0 and self._sent:
            return draw.choice(self._sent)
        if way == 1:
            kiosk.counter += 1  # a number that is missing
        if way == 2:
            card.tmc += 1  # a move of the card that nobody reports
        if way == 3 or card.value_fen < 100:
            card.value_fen = min(card.value_fen + 300_000, 480_000)  # its value does not follow
        if way == 4:
            return kiosk.topic, journal(kiosk, [draw.choice(self.cards).pay(kiosk, 7) for _ in range(5)])
        number, values = card.pay(kiosk, draw.choice((1, 40, card.value_fen // 5 + 1)))
        return kiosk.topic, self._sale(kiosk, way, number, values)

    def _sale(self, kiosk: KioskSide, way: int, number: tuple[int, int], values: dict[str, Any]) -> bytes:
        if way == 5 and self._draw.random() < 0.2:
            values["tmv"] = bytes(8)
        if way == 6:
            values["happened_s"] += 1
        if way == 7:  # a number that was used before
            number = (1, self._draw.randint(1, number[1]))
        if way == 8:  # its result was lost
            values = {**values, "paid": 1, "ref_epoch": 1, "ref_counter": number[1]}
            return kiosk.message(kiosk.next_number(), messages.SETTLED, **values)
        return kiosk.message(number, messages.SALE, **values)


def give_bonus(shop: Shop, card: KeyedCard) -> None:
    with book(shop.opened.database) as books:
        card.tmc, card.value_fen = card.tmc + 1, 400_000
        move = CardMove(card.uid, 1, card.tmc, 300, card.value_fen)
        loads.post_load(books, loads.plan_load(books, move, WHO, NOW_S, 200), move, WHO)


def all_rows(shop: Shop) -> dict[str, list[Any]]:
    return {table: sorted(shop.query(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def odd_cards(shop: Shop, stream: Stream) -> None:
    with shop.opened.database.write() as connection:
        registry.become(connection, registry.known(connection, stream.cards[1].uid), "lost", WHO)
        hotlist.add(connection, stream.cards[2].uid, "found", WHO)


@pytest.mark.parametrize("seed", range(10))
def test_it_is_what_the_decisions_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: NOW_S)
    monkeypatch.setattr("secrets.token_bytes", bytes)  # what configuration is sealed with
    first = open_shop(tmp_path / "straight")
    stream = Stream(first, seed)
    shutil.copytree(tmp_path / "straight", tmp_path / "decided")
    second = open_shop(tmp_path / "decided")
    way, ways = straight.book, [0, 0]  # reports that went it, and others

    def counted(work: Work, batch: list[Report], end: int) -> None:
        start = work.at
        way(work, batch, end)
        ways[0] += work.at - start
        ways[1] += work.at < end

    for turn in range(4):
        batch = stream.batch(60)
        monkeypatch.setattr(straight, "book", counted)
        down = first.write(batch)
        monkeypatch.setattr(straight, "book", lambda *_: None)
        assert second.write(batch) == down
        assert all_rows(first) == all_rows(second)
        if turn == 1:
            odd_cards(first, stream)
            odd_cards(second, stream)
    assert min(ways) > 30


def test_a_plain_sale_needs_no_decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(tmp_path / "shop")
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    shop.tell(kiosk, card.sale(kiosk))  # opens the kiosk's sales
    monkeypatch.setattr(decisions, "decide", None)
    batch = [card.sale(kiosk) for _ in range(3)]
    shop.tell(kiosk, *batch)
    monkeypatch.undo()
    again = shop.tell(kiosk, *batch)[messages.ACK]
    assert [verdict[:2] for verdict in again["verdicts"]] == [[2, 0], [3, 0], [4, 0]]
    assert shop.query("SELECT count(*) FROM reports") == [(4,)]
    holds(shop)
