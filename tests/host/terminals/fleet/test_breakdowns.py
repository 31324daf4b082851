"""What kiosks say went wrong with them: kept once, acknowledged, alarmed, bounded."""

from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.db.connection import breaches
from host.terminals.fleet import breakdowns
from protocol.wire import faults
from tests.host.rig import NOW_S, KioskSide, Shop

RESTART = {
    "fault": b"abcdefgh",
    "source": faults.RESTART,
    "cause": "nfc: OSError: worn, kiosk/ring.py:97",
    "count": 3,
    "uptime_s": 12,
    "happened_s": 946_684_800,
    "firmware": "0.1.0",
}


def told(kiosk: KioskSide, nonce: bytes | None = None, **more: Any) -> bytes:
    values = {**RESTART, **more, "nonce": nonce or kiosk.nonce}
    return kiosk.message((kiosk.epoch, 0), faults.FAULT, **values)


def count(shop: Shop) -> int:
    return int(shop.query("SELECT count(*) FROM kiosk_faults")[0][0])


def test_it_is_kept_once_alarmed_and_said_to_be_noted_each_time(shop: Shop, mocker: MockerFixture) -> None:
    mocker.patch("host.clock.now_s", return_value=NOW_S)
    kiosk = shop.connected()
    for _ in range(2):
        assert shop.tell(kiosk, told(kiosk))[faults.NOTED]["fault"] == RESTART["fault"]
    assert (count(shop), shop.alarms()) == (1, [breakdowns.ALARM])
    kept = shop.look(breakdowns.newest, 1)
    assert kept is not None
    assert (kept["cause"], kept["count"], kept["happened"], kept["at"]) == (
        *(RESTART["cause"], 3, RESTART["happened_s"]),
        NOW_S,
    )


def test_the_sentence_says_what_and_how_often() -> None:
    assert breakdowns.sentence("K1", RESTART) == (
        "K1 started again by itself, 3 times in a row: nfc: OSError: worn, kiosk/ring.py:97 "
        "(after 12 s, firmware 0.1.0)."
    )
    said = breakdowns.sentence("K1", RESTART | {"source": "reader", "cause": "reader is silent", "count": 1})
    assert said == (
        "K1 goes on without a part that failed: reader: reader is silent (after 12 s, firmware 0.1.0)."
    )


def test_what_is_of_no_present_session_is_not_kept_and_not_answered(shop: Shop) -> None:
    kiosk = shop.connected()
    assert faults.NOTED not in shop.tell(kiosk, told(kiosk, nonce=b"12345678"))
    assert count(shop) == 0


def test_a_kiosk_that_tells_without_end_is_heard_and_bounded(shop: Shop, mocker: MockerFixture) -> None:
    now = mocker.patch("host.clock.now_s", return_value=NOW_S)
    kiosk = shop.connected()
    for n in range(breakdowns.DAILY_MAX + 5):
        fault = n.to_bytes(8, "big")
        assert shop.tell(kiosk, told(kiosk, fault=fault))[faults.NOTED]["fault"] == fault
    assert (count(shop), shop.alarms()) == (breakdowns.DAILY_MAX, [breakdowns.ALARM])
    now.return_value += breakdowns.DAY_S + 1
    shop.tell(kiosk, told(kiosk, fault=b"tomorrow"))
    assert (count(shop), len(shop.alarms())) == (breakdowns.DAILY_MAX + 1, 2)


def test_it_can_be_neither_changed_nor_taken_away(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.tell(kiosk, told(kiosk))
    for statement in ("UPDATE kiosk_faults SET cause = 'none'", "DELETE FROM kiosk_faults"):
        with pytest.raises(breaches()), shop.opened.database.write() as connection:
            connection.execute(statement)
    assert count(shop) == 1


def test_a_kiosk_that_told_nothing_has_no_fault(shop: Shop) -> None:
    shop.connected()
    assert shop.look(breakdowns.newest, 1) is None
