"""Opening ahead of the writer: the same books, whatever becomes of the process that does it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards.proof import Proofs
from host.terminals.fleet.revoked import revoke
from host.terminals.intake import ahead as ahead_module
from host.terminals.intake import prover
from host.terminals.intake.ahead import Ahead, Begun
from host.terminals.intake.intake import Intake
from host.terminals.line.traffic import Down, Incoming, Push
from protocol.wire.messages import ACK
from tests.host.keyed import KeyedCard, keyed_cards
from tests.host.looks import holds
from tests.host.rig import KioskSide, Shop
from tests.waiting import until


@pytest.fixture
def kiosk(shop: Shop) -> KioskSide:
    return shop.connected()


@pytest.fixture
def cards(shop: Shop) -> list[KeyedCard]:
    return keyed_cards(shop, 4)


@pytest.fixture
def ahead(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ahead]:
    monkeypatch.setattr(ahead_module, "WORTH_BYTES", 1)
    one = Ahead(shop.kiosks, shop.batches.proofs, True)
    yield one
    one.close()


def sales(kiosk: KioskSide, cards: list[KeyedCard], count: int = 8) -> list[Incoming | Push]:
    return [Incoming(kiosk.topic, cards[n % len(cards)].sale(kiosk)) for n in range(count)]


def running(ahead: Ahead, items: list[Incoming | Push]) -> Begun:
    """begin(), once the prover has started."""
    found: list[Begun] = []

    def begins() -> bool:
        found.append(ahead.begin(items))
        return bool(found[-1].asked)

    until(begins)
    return found[-1]


def test_reports_come_opened_and_after_a_cards_first_sale_proven(
    shop: Shop, ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]
) -> None:
    for versions in ({0}, {0}, {1}):  # the kiosk's very first sales open its account, and ask nobody
        items = sales(kiosk, cards)
        found = ahead.end(running(ahead, items))
        reports = [report for one in found for report in one or []]
        assert len(reports) == len(items) and {report.proven for report in reports} == versions
        proves = shop.batches.proofs
        down = shop.batches.write(reports, False)
        assert proves._begun.cache_info().misses == len(cards)
        assert kiosk.hear_all(down)[ACK]["upto"] == kiosk.counter
    holds(shop)


def test_what_is_no_plain_report_is_left_to_the_writer(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]
) -> None:
    plain = sales(kiosk, cards, 2)
    odd: list[Incoming | Push] = [
        Push(),
        Incoming("x", b"y"),
        Incoming(kiosk.topic, kiosk.hello()),
        Incoming(kiosk.topic, b"", dropped=9),
    ]
    found = ahead.end(running(ahead, [*odd, *plain]))
    assert [one is None for one in found] == [True] * 4 + [False] * 2


def test_a_batch_of_which_nothing_is_asked_leaves_the_prover_as_it_was(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]
) -> None:
    strangers: list[Incoming | Push] = [Incoming("tapledger/v1/nobody/up", b"x" * 100)] * 8
    ahead.end(running(ahead, sales(kiosk, cards)))
    assert ahead.end(ahead.begin(strangers)) == [None] * 8
    assert ahead.end(ahead.begin(sales(kiosk, cards, 1), 1 / 3)) == [None], "a third of one message is none"
    assert None not in ahead.end(ahead.begin(sales(kiosk, cards))) and ahead.runs


def test_few_messages_are_not_handed_over(shop: Shop, kiosk: KioskSide, cards: list[KeyedCard]) -> None:
    one = Ahead(shop.kiosks, shop.batches.proofs, True)
    begun = one.begin(sales(kiosk, cards, 2))
    assert one._process is None and one.end(begun) == [None, None]


@pytest.mark.parametrize("stops", [signal.SIGKILL, signal.SIGSTOP])
def test_a_prover_that_dies_or_hangs_loses_nothing_and_is_replaced(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard], monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    items = sales(kiosk, cards)
    assert ahead.end(running(ahead, items)) != [None] * len(items)
    process = ahead._process
    assert process is not None and ahead._line is not None
    ahead._line.settimeout(0.1)
    os.kill(process.pid, stops)
    begun = ahead.begin(items)
    assert ahead.end(begun) == [None] * len(items)
    assert process.returncode is not None, "it is gone, and no zombie"
    assert ahead.begin(items).asked == [], "the next one is not started at once"
    monkeypatch.setattr(ahead, "_not_before_s", 0.0)
    assert ahead.end(running(ahead, items)) != [None] * len(items)


@pytest.mark.skipif(
    not (ahead_module.is_worth_it() and hasattr(os, "sched_setaffinity")), reason="one core, or not to choose"
)
def test_a_prover_has_a_core_of_its_own_for_as_long_as_it_runs(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]
) -> None:
    before = os.sched_getaffinity(0)
    ahead.end(running(ahead, sales(kiosk, cards)))
    assert ahead._process is not None
    assert os.sched_getaffinity(0) == before - os.sched_getaffinity(ahead._process.pid) != before
    ahead.close()
    assert os.sched_getaffinity(0) == before


def test_a_prover_ends_with_its_writer(ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]) -> None:
    ahead.end(running(ahead, sales(kiosk, cards)))
    process = ahead._process
    assert process is not None and ahead._line is not None
    ahead._line.close()  # as the system does for a writer that is killed
    assert process.wait(30) == 0


@pytest.mark.parametrize("answer", [[], [[(1, 2)]] * 8, 7, [[(1, 1, 99, (), b"", b"", 0)]] * 8])
def test_an_answer_that_makes_no_sense_is_not_believed(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard], mocker: MockerFixture, answer: Any
) -> None:
    items = sales(kiosk, cards)
    begun = running(ahead, items)
    mocker.patch.object(prover, "receive", return_value=answer)
    assert ahead.end(begun) == [None] * len(items)
    assert ahead._process is None


def test_a_program_that_cannot_be_started_is_done_without(
    ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard], mocker: MockerFixture
) -> None:
    start = mocker.patch.object(subprocess, "Popen", side_effect=OSError("no memory"))
    for _ in range(3):
        assert ahead.begin(sales(kiosk, cards)).asked == []
    assert start.call_count == 1


def test_messages_of_a_kiosk_that_got_another_secret_meanwhile_are_looked_at_again(
    shop: Shop, ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard]
) -> None:
    begun = running(ahead, sales(kiosk, cards))
    with shop.opened.database.write() as connection:
        revoke(connection, kiosk.name, "stolen", "operator:desk")
    anew = shop.kiosk(kiosk.name)
    assert ahead.end(begun) == [None] * 8
    anew.epoch = 2
    found = ahead.end(running(ahead, sales(anew, cards)))
    assert None not in found


def test_a_proof_with_another_version_of_the_keys_counts_for_nothing(
    shop: Shop, ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard], mocker: MockerFixture
) -> None:
    """The prover was told a key of a version that is not the card's, and proves a thief's sale with it."""
    card, thief = cards[0], bytes(range(16))
    card.key = thief
    mocker.patch.object(Proofs, "wanted", return_value=[((card.uid, 1, 2), thief)])
    found = ahead.end(running(ahead, sales(kiosk, [card], 1)))
    reports = [report for one in found for report in one or []]
    assert [report.proven for report in reports] == [2]
    shop.batches.write(reports, False)
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'sale'") == [(0,)]
    assert shop.alarms() == ["bad-tmv"]


def test_an_intake_books_the_same_when_its_prover_is_killed_on_the_way(
    shop: Shop, ahead: Ahead, kiosk: KioskSide, cards: list[KeyedCard], mocker: MockerFixture
) -> None:
    down: list[Down] = []
    released: list[object] = []
    intake = Intake(
        *(shop.opened.database, shop.opened.keeper, shop.kiosks, down.extend, released.extend), most=5
    )
    ahead.end(running(ahead, [Incoming(kiosk.topic, kiosk.hello())]))
    intake._ahead = ahead
    looked_at: list[bool] = []
    asked: list[list[int]] = []
    real = ahead.end

    def end(begun: Begun) -> list[Any]:
        if len(looked_at) == 4:
            assert ahead._process is not None
            ahead._process.kill()
        found = real(begun)
        looked_at.append(bool(begun.asked) and None not in [found[at] for at, _ in begun.asked])
        asked.append([at for at, _ in begun.asked])
        return found

    mocker.patch.object(ahead, "end", end)
    intake.put([one for one in sales(kiosk, cards, 40) if isinstance(one, Incoming)])
    intake.start()
    intake.stop()
    assert looked_at[:4] == [True] * 4
    assert looked_at[5:] == [False] * 3
    assert asked[:2] == [[3, 4], [0, 1, 2, 3, 4]], "when it has nothing to book, the writer opens some itself"
    assert len(released) == 40 and kiosk.hear_all(down)[ACK]["upto"] == 40
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'sale'") == [(40,)]
    holds(shop)


def test_a_machine_with_one_core_has_no_prover(
    shop: Shop, kiosk: KioskSide, cards: list[KeyedCard], mocker: MockerFixture
) -> None:
    mocker.patch.object(os, "sched_getaffinity", return_value={0}, create=True)
    assert not ahead_module.is_worth_it()
    os.sched_getaffinity.return_value = {0, 1}  # type: ignore[attr-defined]
    assert ahead_module.is_worth_it()
    alone = Ahead(shop.kiosks, shop.batches.proofs, False)
    alone.begin(sales(kiosk, cards, 200))
    assert alone._process is None
