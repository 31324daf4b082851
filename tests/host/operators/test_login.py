from typing import Any

import pytest
from pytest_mock import MockerFixture

from host import operators
from host.errors import Refused
from host.operators import Operator
from host.operators.login import LOCK_MAX_S, lock_s
from host.operators.tokens import SESSION_S
from tests.host.operators.conftest import PASSWORD, Added
from tests.host.rig import NOW_S, Shop


@pytest.fixture(autouse=True)
def now(mocker: MockerFixture) -> Any:
    return mocker.patch("host.clock.now_s", return_value=NOW_S)


def refused(shop: Shop, name: str, password: str) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        operators.authenticate(shop.opened.database, name, password)
    return caught.value.status, caught.value.code


def session(shop: Shop, operator: Operator) -> str:
    with shop.opened.database.write() as connection:
        return operators.begin_session(connection, operator)[0]


def test_the_right_password_is_the_operator(shop: Shop, added: Added) -> None:
    ann = added("ann", "clerk", "lead")
    assert operators.authenticate(shop.opened.database, "ann", PASSWORD) == ann


@pytest.mark.parametrize(
    "name, password", [("ann", "wrong"), ("bob", PASSWORD), ("ANN", PASSWORD), ("ann", "")]
)
def test_a_wrong_name_or_password_is_refused_alike(
    shop: Shop, added: Added, name: str, password: str
) -> None:
    added("ann")
    assert refused(shop, name, password) == (401, "password")


def test_a_password_is_the_same_however_a_keyboard_composes_it(shop: Shop) -> None:
    from host.operators import password

    with shop.opened.database.write() as connection:
        operators.add(connection, Operator("ann", ("clerk",), 0, 0), password.make("pässword 二"), "x")
    operators.authenticate(shop.opened.database, "ann", "pa\u0308ssword 二")


def test_wrong_passwords_make_the_next_wait_longer_and_a_right_one_forgets_them(
    shop: Shop, added: Added, now: Any
) -> None:
    added("ann")
    waits: list[int] = []
    for _ in range(6):
        assert refused(shop, "ann", "wrong") == (401, "password")
        now.return_value += lock_s(len(waits) + 1)
        waits.append(lock_s(len(waits) + 1))
    assert waits == [0, 0, 2, 4, 8, 16]
    assert refused(shop, "ann", "wrong") == (401, "password")
    assert refused(shop, "ann", PASSWORD) == (429, "locked"), "the right one waits too"
    now.return_value += 32
    operators.authenticate(shop.opened.database, "ann", PASSWORD)
    assert refused(shop, "ann", "wrong") == (401, "password")
    operators.authenticate(shop.opened.database, "ann", PASSWORD)
    assert lock_s(10_000) == LOCK_MAX_S


def test_an_attempt_that_was_cut_off_counts(shop: Shop, added: Added, mocker: MockerFixture) -> None:
    """Or many at once, or a host that is killed, would be tries for nothing."""
    added("ann")
    mocker.patch("host.operators.password.fits", side_effect=KeyboardInterrupt)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            operators.authenticate(shop.opened.database, "ann", "guess")
    assert refused(shop, "ann", PASSWORD) == (429, "locked")


def test_a_session_ends_by_time_by_logout_and_by_a_change(shop: Shop, added: Added, now: Any) -> None:
    ann = added("ann")
    first, second, third = session(shop, ann), session(shop, ann), session(shop, ann)
    assert [shop.look(operators.by_token, token) for token in (first, second, third)] == [ann] * 3
    with shop.opened.database.write() as connection:
        operators.end_session(connection, first)
        operators.end_session(connection, "nobody's")
    assert shop.look(operators.by_token, first) is None
    now.return_value += SESSION_S - 1
    assert shop.look(operators.by_token, second) == ann
    now.return_value += 1
    assert shop.look(operators.by_token, second) is None
    fourth = session(shop, ann)
    with shop.opened.database.write() as connection:
        operators.change(connection, ann, "operator:boss")
    assert shop.look(operators.by_token, fourth) is None


def test_a_disabled_operator_neither_logs_in_nor_acts(shop: Shop, added: Added) -> None:
    ann = added("ann", "owner")
    gone = Operator("ann", ("owner",), 0, 0, "disabled")
    with shop.opened.database.write() as connection:
        operators.change(connection, gone, "operator:boss")
    assert refused(shop, "ann", PASSWORD) == (401, "password")
    assert operators.may(ann, "operators") and not operators.may(gone, "operators")
    assert gone.rights == frozenset()


def test_a_machine_has_no_password_and_its_token_stays_until_it_gets_another(shop: Shop) -> None:
    token = (shop.opened.data / "operator-token").read_text().strip()
    assert refused(shop, "desk", "") == (401, "password")
    with shop.opened.database.write() as connection:
        operators.end_session(connection, token)
    found = shop.look(operators.by_token, token)
    assert found is not None and found.is_machine
    with shop.opened.database.write() as connection:
        operators.give_token(connection, "desk", "another", "passphrase")
    assert shop.look(operators.by_token, token) is None
    assert shop.look(operators.by_token, "another") == found


def test_neither_passwords_nor_tokens_stand_in_the_books(shop: Shop, added: Added) -> None:
    token = session(shop, added("ann"))
    for table in ("operators", "operator_tokens", "operator_changes"):
        rows = repr(shop.query(f"SELECT * FROM {table}"))
        assert PASSWORD not in rows and token not in rows
    (phc,) = shop.query("SELECT password FROM operators WHERE name = 'ann'")[0]
    assert phc.startswith("$argon2id$v=19$m=")
