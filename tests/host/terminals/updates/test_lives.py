"""A kiosk registered anew under an old name amid a roll-out: what its predecessor said is not its word."""

import pytest

from host.terminals.fleet import revoked
from host.terminals.updates import rollouts
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import NEW, OLD, Clock, Updating, begin, carry_on, later, stage

SOAK_S = rollouts.USUAL.soak_s


def anew(shop: Shop, name: str, runs: str = OLD) -> Updating:
    """Stolen; another device takes its name, and says what it runs."""
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, name, "stolen", "operator:boss")
    made = Updating(shop, shop.kiosk(name), runs)
    (inherited,) = shop.query(
        "SELECT runs, heard_at_s FROM kiosk_sessions s JOIN kiosks k ON k.number = s.kiosk WHERE name = ?",
        name,
    )
    assert inherited == (0, None)
    made.hellos = 100  # it makes nonces of its own
    made.hello()
    made.say()
    return made


@pytest.fixture
def confirmed(shop: Shop, fleet: dict[str, Updating]) -> dict[str, Updating]:
    """K1 has the new firmware."""
    begin(shop)
    fleet["K1"].take()
    return fleet


def test_it_inherits_no_word_and_the_roll_out_does_not_go_on_by_it(
    shop: Shop, confirmed: dict[str, Updating], time: Clock
) -> None:
    confirmed["K1"] = anew(shop, "K1")
    later(shop, confirmed, time, SOAK_S)
    assert stage(shop, 1) == set(), "of stage one nobody has it any more"
    lives = "SELECT k.name FROM rollout_kiosks r JOIN kiosks k ON k.number = r.kiosk AND k.issue = r.issue"
    ((first,),) = shop.query(lives)
    confirmed[first].take()
    later(shop, confirmed, time, SOAK_S)
    assert len(stage(shop, 1)) == 2


def test_it_gets_the_update_also_when_the_last_stage_goes_on(
    shop: Shop, confirmed: dict[str, Updating], time: Clock
) -> None:
    later(shop, confirmed, time, SOAK_S)
    for name in stage(shop, 1):
        confirmed[name].take()
    later(shop, confirmed, time, SOAK_S)
    for name in stage(shop, 2):
        confirmed[name].take()
    confirmed["K1"] = anew(shop, "K1")
    later(shop, confirmed, time, SOAK_S)
    assert shop.query("SELECT 1 FROM rollout_ends") == []
    confirmed["K1"].take()
    later(shop, confirmed, time, SOAK_S)
    assert shop.query("SELECT done FROM rollout_ends") == [(1,)]


def test_one_that_runs_it_already_is_in_no_stage_and_another_goes_first(
    shop: Shop, confirmed: dict[str, Updating], time: Clock
) -> None:
    confirmed["K1"] = anew(shop, "K1", NEW)
    carry_on(shop)
    assert len(stage(shop, 0)) == 2 and stage(shop, 1) == set()
