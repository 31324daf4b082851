"""The life cycle: one table, shown in docs/cards.md and enforced by the database."""

import re
from pathlib import Path

import pytest

from host.cards import life, registry
from host.cards.registry import RegistryError
from tests.host.rig import Shop

PAGE = Path(__file__).parents[3] / "docs" / "cards.md"
UID = bytes.fromhex("04A1B2C3D4E580")


def test_the_page_shows_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\| (yes|no) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    shown = {
        state: life.State(tuple(re.findall(r"`(\w+)`", following)), again == "yes", what)
        for state, following, again, what in rows
    }
    assert shown == life.STATES


@pytest.mark.parametrize(
    "state", [state for state in life.STATES if state not in ("blank", "issued", "used")]
)
def test_a_life_goes_only_where_the_table_leads(shop: Shop, state: str) -> None:
    path = {"pending": [], "active": ["active"], "lost": ["active", "lost"], "void": ["void"]} | {
        "replaced": ["active", "lost", "replaced"],
        "returned": ["active", "returned"],
    }
    with shop.opened.database.write() as connection:
        card = registry.begin(connection, UID, 1, "operator:desk")
        for step in path[state]:
            registry.become(connection, card, step, "operator:desk")
    for following in life.STATES:
        if not life.may(state, following):
            with (
                pytest.raises(RegistryError, match="cannot become"),
                shop.opened.database.write() as connection,
            ):
                registry.become(connection, card, following, "operator:desk")
    if life.may_begin_again(state):
        with shop.opened.database.write() as connection:
            assert registry.begin(connection, UID, 1, "operator:desk").issue == 2
    else:
        with pytest.raises(RegistryError, match="issued anew"), shop.opened.database.write() as connection:
            registry.begin(connection, UID, 1, "operator:desk")
