import json
import os
import resource
from pathlib import Path

import pytest

from host.ledger import checkpoints, verify
from host.ledger.checkpoints import FILE_NAME, Checkpoints
from host.ledger.verify.promises import CHAIN, CHECKPOINTS
from tests.host.ledger.verify.hand import busy, chain_anew, tamper
from tests.host.looks import faults
from tests.host.rig import Shop


def take(shop: Shop, last: int, at_least: int = 1, folder: Path | None = None) -> bool:
    opened = shop.opened
    return Checkpoints(opened.database, opened.keeper.ledger_mac, folder or opened.data).after(last, at_least)


def lines(shop: Shop) -> list[bytes]:
    return (shop.opened.data / FILE_NAME).read_bytes().splitlines()


# One edit of the last sale's transfer, with everything else made to fit it: only the chain could tell.
EDITED = (
    "UPDATE transfers SET amount = 999, debit_after = 6501, credit_after = 3499 WHERE id = 3",
    "UPDATE transactions SET change_fen = -999, value_fen = 6501 WHERE id = 4",
    "UPDATE accounts SET balance = 6501 WHERE id = 1",
    "UPDATE accounts SET balance = 3499 WHERE kind = 'sales'",
    "UPDATE accounts SET value_fen = 6501 WHERE id = (SELECT account_id FROM purses)",
    "DELETE FROM reports WHERE counter = 2",
    "UPDATE kiosk_epochs SET upto = 1",
)


def test_a_chain_that_was_made_anew_is_found_by_its_checkpoint(shop: Shop) -> None:
    busy(shop)
    tamper(shop, *EDITED)
    chain_anew(shop, 4)
    assert faults(shop) == {}  # whoever knows how links are made is not found by them

    with shop.opened.database.read() as connection:
        assert checkpoints.faults(connection, shop.opened.keeper.ledger_mac, shop.opened.data) == []


def test_an_edit_behind_a_checkpoint_is_found_though_every_later_link_was_made_anew(shop: Shop) -> None:
    busy(shop)
    assert take(shop, 6)
    assert faults(shop) == {}
    tamper(shop, *EDITED)
    chain_anew(shop, 4)
    found = faults(shop)
    assert set(found) == {CHECKPOINTS}
    assert (
        "the chain at transaction 6 is not what its logged checkpoint says: it was made anew"
        in found[CHECKPOINTS]
    )


def test_a_checkpoint_that_was_edited_with_the_chain_is_found_by_its_mac_and_by_the_log(shop: Shop) -> None:
    busy(shop)
    take(shop, 6)
    tamper(shop, *EDITED)
    chain_anew(shop, 4)
    tamper(shop, "UPDATE checkpoints SET link = (SELECT link FROM chains)")
    assert "the MAC of checkpoint 6 is not the key keeper's" in faults(shop)[CHECKPOINTS]
    without_keys = verify.verify(shop.opened.database)["checks"]
    assert any("is not in checkpoints.log" in check["detail"] for check in without_keys)
    (shop.opened.data / FILE_NAME).unlink()
    assert faults(shop)[CHECKPOINTS] == "the MAC of checkpoint 6 is not the key keeper's"
    assert verify.verify(shop.opened.database)["ok"]  # nobody but the key keeper can tell now


def test_books_that_end_before_a_logged_checkpoint_are_found(shop: Shop) -> None:
    """An old copy of the books was put back."""
    busy(shop)
    take(shop, 6)
    tamper(
        shop,
        "DELETE FROM checkpoints",
        "DELETE FROM transactions WHERE id = 6",
        "UPDATE chains SET last_transaction = 5",
    )
    assert "the books do not hold transaction 6 of a logged checkpoint" in faults(shop)[CHECKPOINTS]


@pytest.mark.parametrize(
    "line, fault",
    [
        (b"{}", "line 2 of checkpoints.log is no checkpoint"),
        (b"\xff", "line 2 of checkpoints.log is no checkpoint"),
        (b"[1]", "line 2 of checkpoints.log is no checkpoint"),
        (b'{"writer": 0, "transaction": "x", "link": "", "at_s": 0, "mac": ""}', "line 2 of checkpoints.log"),
        (b'{"writer": 0, "transaction": 5, "link": "zz", "at_s": 0, "mac": ""}', "line 2 of checkpoints.log"),
        (
            b'{"writer": 0, "transaction": 5, "link": "00", "at_s": 0, "mac": "00"}',
            "the chain at transaction 5",
        ),
    ],
)
def test_a_line_that_the_program_did_not_write_is_found(shop: Shop, line: bytes, fault: str) -> None:
    busy(shop)
    take(shop, 6)
    with (shop.opened.data / FILE_NAME).open("ab") as log:
        log.write(line + b"\n")
    assert fault in faults(shop)[CHECKPOINTS]


def test_a_line_that_was_torn_by_a_power_cut_is_left_behind(shop: Shop) -> None:
    busy(shop)
    path = shop.opened.data / FILE_NAME
    path.write_bytes(b'{"writer": 0, "transa')
    take(shop, 6)
    assert [json.loads(line)["transaction"] for line in lines(shop)[1:]] == [6]
    assert faults(shop) == {}


def test_a_line_that_goes_into_the_file_in_parts_is_written_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(shop)
    write = os.write
    monkeypatch.setattr(checkpoints.os, "write", lambda file, line: write(file, line[:7]))
    take(shop, 6)
    assert [json.loads(line)["transaction"] for line in lines(shop)] == [6]
    assert faults(shop) == {}


def test_of_a_line_that_does_not_fit_nothing_stays(tmp_path: Path) -> None:
    """The system takes a part of it, and then says that the file may not grow."""
    path = tmp_path / FILE_NAME
    checkpoints._append(path, b"a line before\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            checkpoints._append(path, b"a line that does not fit\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"a line before\n"


def test_a_checkpoint_is_taken_after_so_many_transactions_and_only_once(shop: Shop) -> None:
    busy(shop)
    assert not take(shop, 6, at_least=7)
    assert take(shop, 6, at_least=6)
    assert not take(shop, 6, at_least=1)
    assert len(lines(shop)) == 1
    assert shop.query("SELECT writer, transaction_id FROM checkpoints") == [(0, 6)]


def test_the_writer_takes_one_when_it_ends_and_none_when_nothing_was_booked(shop: Shop) -> None:
    shop.batches.close()
    assert shop.query("SELECT count(*) FROM checkpoints") == [(0,)]
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card))
    shop.batches.close()
    assert shop.query("SELECT transaction_id FROM checkpoints") == [(3,)]
    assert faults(shop) == {}


def test_the_batch_is_booked_whatever_becomes_of_its_checkpoint(shop: Shop) -> None:
    (shop.opened.data / FILE_NAME).mkdir()  # no log can be written there
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card))
    shop.batches.close()
    assert shop.query("SELECT count(*) FROM checkpoints") == [(0,)]
    (shop.opened.data / FILE_NAME).rmdir()
    assert faults(shop) == {}


def test_no_link_is_the_checkpoint_of_edited_rows(shop: Shop) -> None:
    busy(shop)
    take(shop, 6)
    tamper(shop, "UPDATE transactions SET who = 'x' WHERE id = 3")
    assert set(faults(shop)) == {CHAIN}
