"""The chain's format is for ever: a change of it makes all books that there are unverifiable."""

import hashlib

import pytest

from host.db.engine import Database
from host.ledger import chain
from host.ledger.books import book
from host.ledger.terms import VOIDED, Transfer, Why

# What host/ledger/chain.py says, written out by hand.
LINES = [
    "1\tposted\tNone\tload\tr1\toperator:desk\t\tNone\tNone\tNone\tNone\tNone\t1\t5\t77"
    "\t1:1>2:500:-500:500:None:None\t2:2>1:20:480:-480:1:1",
    "2\tpending\tNone\tload\tr2\toperator:desk\t\tNone\tNone\tNone\tNone\tNone\tNone\t5\t77\t1>2:7\t2>1:8",
    "3\tvoided\t2\tload\t\toperator:desk\t\tNone\tNone\tNone\tNone\tNone\tNone\t5\t77",
    "4\tposted\tNone\tsale\t\tkiosk:会所\t会所\t2\t9\t-30\t450\t1\t3\t5\t77\t3:2>1:30:450:-450:2:2",
]
LAST = "925bb9212e657ce211d527edb841aeca713ba9722b9ec55fefff2986810c62f9"
ORIGIN = "de78e7450b9bffb3c64067f490bf15ca7547db665be4664591e3673624b0af0b"


def test_the_links_of_a_small_book_are_these(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: 77)
    with book(database) as books:
        cash, card = books.open_("house", "cash"), books.open_("card:04:1", "card")
        desk = Why("load", None, "operator:desk", 5)
        books.post(desk._replace(reference="r1"), [Transfer(cash, card, 500), Transfer(card, cash, 20)])
        waiting = books.plan(
            desk._replace(reference="r2"), [Transfer(cash, card, 7), Transfer(card, cash, 8)]
        )
        books.end(waiting, VOIDED, desk)
        sale = Why("sale", None, "kiosk:会所", 5, "会所", card, 9, -30, 450, 1)
        books.post(sale, [Transfer(card, cash, 30)], True)
    expected, link = [], hashlib.sha256(b"tapledger partition 0").digest()
    for line in LINES:
        link = hashlib.sha256(link + line.encode("utf-8")).digest()
        expected.append(link.hex())
    with database.read() as connection:
        found = [
            bytes(row[0]).hex() for row in connection.execute("SELECT link FROM transactions ORDER BY id")
        ]
        last = bytes(connection.execute("SELECT link FROM chains").fetchone()[0]).hex()
    assert found == expected
    assert last == expected[-1] == LAST


def test_the_rows_as_they_are_read_again_give_the_same_lines(database: Database) -> None:
    """As verify does: from the tables, not from memory."""
    with book(database) as books:
        cash, card = books.open_("house", "cash"), books.open_("card:04:1", "card")
        for number in range(3):
            books.post(Why("load", f"{number}", "operator:desk", 5), [Transfer(cash, card, 1 + number)])
    link = chain.origin(0)
    with database.read() as connection:
        for row in connection.execute(
            f"SELECT {chain.COLUMNS}, link FROM transactions ORDER BY id"
        ).fetchall():
            *columns, held = tuple(row)
            moved = connection.execute(
                f"SELECT {chain.TRANSFER_COLUMNS} FROM transfers WHERE transaction_id = ? ORDER BY id",
                (row["id"],),
            ).fetchall()
            text = chain.line(tuple(columns), "".join(chain.transfer(tuple(each)) for each in moved))
            link = chain.link(link, text)
            assert link == bytes(held)


def test_partitions_begin_apart() -> None:
    assert chain.origin(0).hex() == ORIGIN
    assert len({chain.origin(writer) for writer in range(9)}) == 9
    assert (chain.first_number(0), chain.first_number(3)) == (0, 3 * 2**40)
    assert [chain.writer_of(number) for number in (1, 2**40 - 1, 2**40, 3 * 2**40 + 5)] == [0, 0, 1, 3]


def test_a_transfer_as_it_stands_is_what_the_line_takes() -> None:
    entered = chain.Entered(7, 3, 1, 2, 500, -500, 500, None, 6)
    assert chain.transfer(entered) == "\t7:1>2:500:-500:500:None:6"
    assert entered._fields == tuple(chain.TRANSFER_COLUMNS.split(", "))
    assert len(chain.link(bytes(32), "")) == chain.LINK_SIZE


@pytest.mark.parametrize("befores", [(None, None, None), (3, 4, 5), (None, 4, None)])
def test_a_sale_at_once_is_its_line_and_its_transfer(befores: tuple[int | None, ...]) -> None:
    before, *transfers_before = befores
    entered = (7, "sale", "kiosk:会所", "会所", 2, 9, -30, 450, before, 8, 5, 77)
    moved = (8, 7, 2, 1, 30, 450, -450, *transfers_before)
    names = [*chain.SALE_COLUMNS.split(", ")]
    row = dict.fromkeys(chain.COLUMNS.split(", ")) | dict(zip(names, entered, strict=False))
    line = chain.line(tuple((row | {"state": "posted"}).values()), chain.transfer(moved))
    link, said = bytes(range(32)), chain.names(*entered[1:4])  # type: ignore[arg-type]
    assert chain.sold((link, 7, said, *entered[4:], 8, *moved[2:])) == chain.link(link, line)


def test_a_sale_of_which_all_is_known_is_not_written_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower form, where a number may be None, is for an account's first transfer."""
    values = (bytes(32), 7, chain.names("sale", "kiosk:K1", "K1"), *range(16))
    link = chain.sold(values)
    monkeypatch.setattr(chain, "_SOLD_FIRST", b"")
    assert chain.sold(values) == link
    with pytest.raises(TypeError):
        chain.sold((*values[:-1], None))
