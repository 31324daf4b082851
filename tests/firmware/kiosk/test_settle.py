"""How an unanswered sale ended, asked of a real virtual card in every state it can be in."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "firmware"), str(Path(__file__).parent)]

from kiosk.journal import Journal
from kiosk.reading import Refused
from kiosk.settle import settle
from host_side import reports
from nor import Nor
from purse_card import DEBIT, READ, UID, Wallet

from protocol.wire import messages

KIOSK_NO, PRICE_FEN = 5, 2500


class Counter:
    """A kiosk whose commit went unanswered; then what happened to the card, then the settlement."""

    def __init__(self) -> None:
        self.wallet = Wallet()
        self.journal = Journal(Nor(8), KIOSK_NO, 1)
        opened = self.wallet.open()
        self.number = self.journal.intent(
            {
                "uid": UID,
                "issue": 1,
                "amount_fen": PRICE_FEN,
                "tmc": opened.tmc,
                "value_fen": opened.value_fen,
                "happened_s": 1_700_000_000,
            }
        )
        self.journal.unknown()

    def our_sale(self, commit: bool) -> None:
        self.wallet.pay(KIOSK_NO, *self.number, PRICE_FEN, commit=commit)

    def settle(self) -> tuple[str, dict[str, object]]:
        """-> (event, settled report)"""
        sale = self.journal.open_for(UID)
        assert sale is not None
        teller = SimpleNamespace(
            purse=self.wallet.open(),
            presence=SimpleNamespace(uid=UID),
            number=KIOSK_NO,
            reader=self.wallet,
            journal=self.journal,
            settings=SimpleNamespace(masters={"read": {1: READ}, "debit": {1: DEBIT}}),
            reason="",
        )
        event = asyncio.run(settle(teller, sale))
        last = reports(self.journal)[-1][1:]
        assert last[1] == messages.SETTLED
        return event, messages.fields(last[1], last[2])


def test_commit_that_the_card_never_saw_took_nothing() -> None:
    counter = Counter()
    counter.our_sale(commit=False)
    event, report = counter.settle()
    assert event == "unpaid"
    assert (report["paid"], report["value_fen"]) == (0, 100_000)
    assert counter.journal.open == []


def test_commit_whose_answer_was_lost_is_paid_with_its_tmv() -> None:
    counter = Counter()
    counter.our_sale(commit=True)
    event, report = counter.settle()
    assert event == "settled"
    assert (report["paid"], report["tmc"], report["value_fen"]) == (1, 2, 97_500)
    assert (report["ref_epoch"], report["ref_counter"]) == counter.number
    assert report["tmv"] == counter.wallet.open().tmv


def test_what_flash_does_not_take_leaves_the_sale_open_and_ends_selling() -> None:
    counter = Counter()
    counter.our_sale(commit=True)

    def fail(*_: object) -> None:
        raise OSError(5)

    device = counter.journal.ring._device
    device.writeblocks = fail
    with pytest.raises(Refused) as refused:
        counter.settle()
    assert refused.value.args[0] == "again" and counter.journal.full()
    del device.writeblocks
    counter.journal = Journal(device, KIOSK_NO, 1)
    assert counter.settle()[0] == "settled"


def test_another_kiosks_sale_in_our_place_is_not_taken_for_ours() -> None:
    counter = Counter()
    counter.wallet.pay(9, *counter.number, PRICE_FEN)  # the same number and amount, another kiosk
    event, report = counter.settle()
    assert event == "unpaid"
    assert report["paid"] == 0


def test_our_sale_followed_by_others_is_paid_without_tmv() -> None:
    counter = Counter()
    counter.our_sale(commit=True)
    for n in range(4):
        counter.wallet.pay(9, 1, n + 1, 100)
    event, report = counter.settle()
    assert event == "settled"
    assert (report["paid"], report["tmc"], report["value_fen"]) == (1, 2, 97_500)
    assert "tmv" not in report


def test_a_log_that_rolled_over_is_left_to_a_person() -> None:
    counter = Counter()
    counter.our_sale(commit=True)
    for n in range(11):
        counter.wallet.pay(9, 1, n + 1, 100)
    with pytest.raises(Refused) as refused:
        counter.settle()
    assert refused.value.args[0] == "undecided"
    assert counter.journal.open_for(UID) is not None


@pytest.mark.parametrize("others", [1, 9, 10])
def test_a_log_that_reaches_back_and_lacks_our_sale_proves_that_nothing_was_taken(others: int) -> None:
    counter = Counter()
    for n in range(others):
        counter.wallet.pay(9, 1, n + 1, 100)
    event, report = counter.settle()
    assert event == "unpaid"
    assert report["paid"] == 0
