"""The session table: closed, reachable, and never back to selling without the card having gone."""

from kiosk import session

STATES = (
    session.BOOT,
    session.IDLE,
    session.READ,
    session.ASK,
    session.COMMIT,
    session.VERDICT,
    session.RESULT,
    session.OUT,
)


def test_every_state_is_reached_and_left():
    reached = {session.BOOT}
    for _ in STATES:
        for (state, _event), (after, _actions) in session.TABLE.items():
            if state in reached:
                reached.add(after)
    assert reached == set(STATES)
    assert {state for state, _ in session.TABLE} == set(STATES)


def test_money_moves_only_in_commit_and_only_after_reading():
    into_commit = [key for key, row in session.TABLE.items() if row[0] == session.COMMIT]
    assert into_commit == [(session.READ, "payable")]


def test_each_outcome_is_shown_and_what_the_card_did_is_reported():
    for (state, event), (after, actions) in session.TABLE.items():
        if after == session.RESULT:
            assert [a for a in actions if a.startswith("show_")], (state, event)
        if event in ("done", "unknown", "settled", "unpaid") or state == session.ASK:
            assert "report" in actions, (state, event)


def test_an_event_that_cannot_be_is_an_error():
    try:
        session.step(session.IDLE, "done")
    except KeyError:
        return
    raise AssertionError("accepted")
