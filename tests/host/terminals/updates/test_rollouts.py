"""An update through a shop's books: offers and pieces under each kiosk's own key, stages, and how it ends."""

import hashlib

import pytest

from host.errors import Refused
from host.terminals.fleet import revoked
from host.terminals.talk.upkeep import Upkeep
from host.terminals.updates import rollouts
from protocol.wire import image, updates
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import (
    CONTENT,
    NEW,
    Clock,
    Updating,
    begin,
    carry_on,
    one_shop,
    stage,
)
from tests.waiting import until

SOAK_S = rollouts.USUAL.soak_s


def soak(shop: Shop, fleet: dict[str, Updating], time: Clock, silent: tuple[str, ...] = ()) -> None:
    """The soak time passes, all but the silent are heard of now and then, and upkeep looks."""
    for _ in range(4):
        time.now_s += SOAK_S // 3
        for name, kiosk in fleet.items():
            if name not in silent:
                kiosk.hello()
        carry_on(shop)


def test_one_then_a_tenth_then_all(shop: Shop, fleet: dict[str, Updating], time: Clock) -> None:
    begin(shop)
    assert stage(shop, 0) == {"K1"}
    assert fleet["K2"].hello() is None
    fleet["K1"].take()
    carry_on(shop)
    assert stage(shop, 1) == set(), "it is looked at for a while first"
    soak(shop, fleet, time)
    second = stage(shop, 1)
    assert len(second) == 2 and "K1" not in second
    for name in second:
        fleet[name].take()
    soak(shop, fleet, time)
    rest = stage(shop, 2)
    assert rest == set(fleet) - second - {"K1"}
    for name in rest:
        fleet[name].take()
    soak(shop, fleet, time)
    assert shop.query("SELECT done, reason, who FROM rollout_ends") == [(1, "", rollouts.ITSELF)]
    assert all(kiosk.hello() is None for kiosk in fleet.values())
    assert "update-stopped" not in shop.alarms()


def test_an_offer_is_for_one_kiosk_alone_and_pieces_make_the_image(
    shop: Shop, fleet: dict[str, Updating]
) -> None:
    begin(shop)
    kiosk = fleet["K1"]
    offer = kiosk.hello()
    assert offer is not None and offer["header"] == CONTENT[: image.SIZE]
    secret = kiosk.side.given["secret"]
    assert offer["mac"] == updates.mac(secret, CONTENT[: image.SIZE])
    assert offer["mac"] != updates.mac(fleet["K2"].side.given["secret"], CONTENT[: image.SIZE])
    kiosk.rollout, got = int(str(offer["rollout"])), CONTENT[: image.SIZE]
    while len(got) < len(CONTENT):
        for piece in kiosk.wanted(len(got)):
            assert piece["offset"] == len(got) and len(bytes(piece["data"])) <= updates.PIECE_MAX  # type: ignore[arg-type]
            got += bytes(piece["data"])  # type: ignore[arg-type]
    assert hashlib.sha256(got).digest() == hashlib.sha256(CONTENT).digest()
    assert kiosk.wanted(len(CONTENT)) == []


def test_pieces_go_only_to_who_is_in_a_stage_of_what_goes_on(shop: Shop, fleet: dict[str, Updating]) -> None:
    number = begin(shop)
    for kiosk in (fleet["K1"], fleet["K2"]):
        kiosk.hello()
        kiosk.rollout = number
    assert len(fleet["K1"].wanted(64)) == 4 and fleet["K2"].wanted(64) == []
    assert [piece["offset"] for piece in fleet["K1"].wanted(3000, 2)] == [3000, 3072]
    fleet["K1"].side.nonce = b"another1"
    assert fleet["K1"].wanted(64) == [], "of an old session"
    fleet["K1"].hello()
    with shop.opened.database.write() as connection:
        rollouts.stop(connection, "prices look wrong", "operator:boss")
    assert fleet["K1"].wanted(64) == [] and fleet["K1"].hello() is None
    assert shop.query("SELECT done, reason, who FROM rollout_ends") == [
        (0, "prices look wrong", "operator:boss")
    ]


@pytest.mark.parametrize(
    "how", ["refused", "back", "restarted", "silent at the restart", "silent when confirmed"]
)
def test_it_stops_by_itself_when_a_kiosk_fails(
    shop: Shop, fleet: dict[str, Updating], time: Clock, how: str
) -> None:
    kiosk = fleet["K1"]
    kiosk.rollout = begin(shop)
    kiosk.hello()
    if how == "refused":
        kiosk.say(updates.REFUSED, "flash")
    elif how == "back":
        kiosk.say(updates.SWITCHING)
        kiosk.hello()
        kiosk.say(updates.BACK, "dead")
    else:
        kiosk.say(updates.SWITCHING)
        if how != "silent at the restart":
            kiosk.hello()
            kiosk.say(updates.CONFIRMED, runs=NEW)
        if how == "restarted":
            kiosk.fall()
        else:
            one_shop(shop, "K1", "K2")
        soak(shop, fleet, time, silent=("K1",))
    (reason,) = [row[0] for row in shop.query("SELECT reason FROM rollout_ends")]
    word = {"refused": "flash", "back": "dead", "restarted": "restarted"}.get(how, "silent")
    assert reason == f"K1 ({word}) failed in the stage “one kiosk”"
    assert [alarm for alarm in shop.alarms() if alarm != "kiosk-fault"] == ["update-stopped"]
    carry_on(shop)
    assert stage(shop, 1) == set() and len(shop.query("SELECT 1 FROM rollout_ends")) == 1
    assert kiosk.hello() is None, "who failed is not asked again"


def test_what_was_said_once_stays_and_what_others_say_counts_for_nothing(
    shop: Shop, fleet: dict[str, Updating]
) -> None:
    number = begin(shop)
    fleet["K1"].hello()
    fleet["K1"].rollout = fleet["K2"].rollout = number
    fleet["K2"].say(updates.REFUSED, "mac")
    assert shop.query("SELECT 1 FROM rollout_words") == [], "it is in no stage"
    fleet["K1"].say(updates.FETCHING)
    fleet["K1"].say(updates.FETCHING)
    assert len(shop.query("SELECT 1 FROM rollout_words")) == 1
    fleet["K1"].say(updates.CONFIRMED)
    assert len(shop.query("SELECT 1 FROM rollout_words")) == 1, (
        "it does not run it: of a restored host's other one"
    )
    fleet["K1"].rollout = number + 1
    fleet["K1"].say(updates.REFUSED, "mac")
    assert len(shop.query("SELECT 1 FROM rollout_words")) == 1 and shop.alarms() == []


def test_a_kiosk_that_has_the_version_already_is_counted_and_not_asked(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    """From the workshop, or of a roll-out that was stopped."""
    fleet["K1"].say(runs=NEW)
    fleet["K5"].say(runs=NEW)
    begin(shop)
    assert fleet["K1"].hello() is None
    soak(shop, fleet, time)
    assert len(stage(shop, 1)) == 2 and "K5" not in stage(shop, 1)


def test_a_revoked_kiosk_is_not_waited_for(shop: Shop, fleet: dict[str, Updating], time: Clock) -> None:
    begin(shop)
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, "K1", "stolen", "operator:boss")
    del fleet["K1"]
    soak(shop, fleet, time)
    assert len(stage(shop, 0)) == 2, "another one goes first"


def test_one_at_a_time_of_a_version_and_a_kiosk_that_are_there(
    shop: Shop, fleet: dict[str, Updating]
) -> None:
    for first, version, code in (("K99", NEW, "unknown-kiosk"), ("K1", "7.0.0", "unknown-version")):
        with pytest.raises(Refused) as refused:
            begin(shop, first, version)
        assert refused.value.code == code
    begin(shop)
    with pytest.raises(Refused, match=r"1\.1\.0 is being rolled out: stop that first"):
        begin(shop, "K2")
    with shop.opened.database.write() as connection:
        rollouts.stop(connection, "enough", "operator:boss")
    with pytest.raises(Refused, match="No update"), shop.opened.database.write() as connection:
        rollouts.stop(connection, "enough", "operator:boss")
    assert begin(shop, "K2") > 1


def test_of_two_that_begin_at_once_one_does(shop: Shop, fleet: dict[str, Updating]) -> None:
    """The second one still saw none that goes on."""
    begin(shop)
    breach = (
        "INSERT INTO rollouts (version, after, soak_s, silent_s, who, at_s) VALUES (1001000, 0, 1, 1, 'x', 1)"
    )
    with pytest.raises(Exception, match=r"(?i)unique"), shop.opened.database.write() as connection:
        connection.execute(breach)


def test_what_is_kept_is_neither_edited_nor_taken_away(shop: Shop, fleet: dict[str, Updating]) -> None:
    begin(shop)
    for table in ("firmware_images", "rollouts", "rollout_kiosks"):
        for act in (f"DELETE FROM {table}", f"UPDATE {table} SET at_s = 0"):
            with pytest.raises(Exception, match="append-only"), shop.opened.database.write() as connection:
                connection.execute(act)


def test_upkeep_carries_it_on(shop: Shop, fleet: dict[str, Updating], time: Clock) -> None:
    begin(shop)
    fleet["K1"].take()
    time.now_s += SOAK_S + 1
    fleet["K1"].hello()
    upkeep = Upkeep(shop.opened.database, lambda: None, every_s=0.01)
    upkeep.start()
    try:
        until(lambda: stage(shop, 1) != set())
    finally:
        upkeep.stop()


def test_a_reader_on_a_clerks_pc_has_no_firmware_of_ours(shop: Shop, fleet: dict[str, Updating]) -> None:
    reader = shop.reader()
    message = reader.message(
        (1, 0), updates.UPDATED, nonce=reader.nonce, rollout=0, state=0, runs=5, image=0, reason=""
    )
    shop.tell(reader, message)
    assert shop.query(
        "SELECT s.runs FROM kiosk_sessions s JOIN kiosks k ON k.number = s.kiosk WHERE k.kind = 'reader'"
    ) == [(0,)]
