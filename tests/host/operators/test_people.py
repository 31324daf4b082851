import pytest

from host import operators
from host.errors import HostError, Refused
from host.operators import Operator, password
from host.operators.people import history
from host.operators.roles import RIGHTS, ROLES
from tests.host.operators.conftest import Added
from tests.host.rig import Shop


def test_each_role_has_rights_that_there_are_and_an_owner_has_all() -> None:
    for rights in ROLES.values():
        assert rights and rights <= set(RIGHTS)
    assert ROLES["owner"] == set(RIGHTS)
    assert not ROLES["machine"] & {"approve", "operators", "drawer", "unlist", "expose", "settle", "keys"}
    assert "look" in frozenset.intersection(*ROLES.values()), "whoever may anything may look"


def test_what_an_operator_may_is_of_all_his_roles_and_the_refusal_names_who_may() -> None:
    both = Operator("ann", ("clerk", "finance"), 0, 0)
    assert both.rights == ROLES["clerk"] | ROLES["finance"]
    operators.must(both, "settle")
    with pytest.raises(
        Refused, match=r"ann may not put a card on the hotlist: ask somebody who is lead or owner"
    ):
        operators.must(both, "hot")
    with pytest.raises(KeyError):
        operators.may(both, "no right")


@pytest.mark.parametrize(
    "new",
    [
        Operator("", ("clerk",), 0, 0),
        Operator("a b", ("clerk",), 0, 0),
        Operator("安", ("clerk",), 0, 0),
        Operator("x" * 33, ("clerk",), 0, 0),
        Operator("ann", (), 0, 0),
        Operator("ann", ("king",), 0, 0),
        Operator("ann", ("clerk", "machine"), 0, 0),
        Operator("ann", ("clerk",), -1, 0),
        Operator("ann", ("clerk",), 0, 10**9 + 1),
        Operator("ann", ("clerk",), True, 0),
        Operator("ann", ("clerk",), 0, 0, "asleep"),
        Operator("ann", ("machine",), 0, 0),  # with a password
        Operator("desk", ("clerk",), 0, 0),  # there already
    ],
)
def test_an_operator_that_cannot_be_is_refused_and_nothing_is_kept(shop: Shop, new: Operator) -> None:
    before = shop.query("SELECT * FROM operators"), shop.query("SELECT * FROM operator_changes")
    with pytest.raises(HostError), shop.opened.database.write() as connection:
        operators.add(connection, new, password.make("long enough"), "x")
    assert (shop.query("SELECT * FROM operators"), shop.query("SELECT * FROM operator_changes")) == before


@pytest.mark.parametrize("bad", ["", "short", "x" * 1025, "seven77", "tab\tinside it"])
def test_a_password_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(HostError, match="at least 8 characters"):
        password.make(bad)


def test_a_person_becomes_no_machine_and_a_machine_no_person(shop: Shop, added: Added) -> None:
    added("ann")
    with shop.opened.database.write() as connection:
        for wrong in (Operator("ann", ("machine",), 0, 0), Operator("desk", ("clerk",), 0, 0)):
            with pytest.raises(HostError, match="A machine stays a machine"):
                operators.change(connection, wrong, "x")
        with pytest.raises(HostError, match="There is no operator"):
            operators.change(connection, Operator("bob", ("clerk",), 0, 0), "x")
        with pytest.raises(HostError, match="is no machine"):
            operators.give_token(connection, "ann", "token", "x")


def test_every_change_is_a_row_with_who_and_when(shop: Shop, added: Added) -> None:
    ann = added("ann", load_limit_fen=500)
    changed = Operator("ann", ("lead",), 900, 0)
    with shop.opened.database.write() as connection:
        operators.change(connection, changed, "operator:eve", password.make("another word"))
        operators.change(connection, changed, "operator:eve")
    assert shop.look(operators.find, "ann") == changed != ann
    lines = [line.split(maxsplit=1)[1] for line in shop.look(history) if " ann " in line]
    assert lines == [
        "ann added active; clerk; loads up to 500 fen, refunds up to 20000 fen by operator:boss",
        "ann changed active; lead; loads up to 900 fen, refunds up to 0 fen by operator:eve",
        "ann password by operator:eve",
    ]
