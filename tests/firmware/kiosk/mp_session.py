"""The session table: closed, reachable, and never back to selling without the card having gone."""

import sys

from kiosk import session

BLOCKS = [block.split("\n") for block in session.TABLE.strip().split("\n\n")]
WORDS = [[block[0]] + row.split() for block in BLOCKS for row in block[1:]]
ROWS = [words[:3] + [words[3:]] for words in WORDS]
DOCUMENTED = session.__doc__ if sys.implementation.name == "cpython" else ""
STATES = {row[0] for row in ROWS}


def test_every_state_is_explained_reached_and_left():
    reached = {"BOOT"}
    for _ in ROWS:
        for state, _event, after, _actions in ROWS:
            if state in reached:
                reached.add(after)
    assert reached == STATES
    for state in STATES if DOCUMENTED else ():  # MicroPython keeps no docstring
        assert "\n    %s " % state in DOCUMENTED


def test_each_row_is_found_as_it_stands():
    assert len({(row[0], row[1]) for row in ROWS}) == len(ROWS)
    for state, event, after, actions in ROWS:
        assert session.step(state, event) == (after, actions), (state, event)


def test_money_moves_only_in_commit_and_only_after_reading():
    into_commit = [row[:2] for row in ROWS if row[2] == "COMMIT"]
    assert into_commit == [["CARD_AUTH", "payable"]]


def test_approved_comes_after_the_journal_and_is_noted_once_shown():
    for state, event, _after, actions in ROWS:
        if "show_paid" in actions:
            assert (state, event) in (("VERDICT", "approved"), ("ASK", "approved"))
            assert actions[-2:] == ["show_paid", "told"]
    assert [row[:2] for row in ROWS if row[2] == "VERDICT"] == [["CARD_AUTH", "settled"], ["COMMIT", "done"]]


def test_each_outcome_is_shown_and_what_the_card_did_is_reported():
    for state, event, after, actions in ROWS:
        if after == "RESULT":
            assert [a for a in actions if a.startswith("show_")], (state, event)
        if event == "looked":  # nothing changed
            continue
        if state == "ASK" or (event in ("done", "unknown", "settled", "unpaid") and state != "UPDATE"):
            assert "report" in actions, (state, event)


def test_a_reader_fault_leads_through_the_self_test_wherever_the_reader_is_asked():
    for state in ("CARD_WAIT", "CARD_AUTH", "ASK", "COMMIT", "RESULT"):
        assert session.step(state, "fault")[0] == "SELFTEST"
    assert session.step("SELFTEST", "fault") == ("OUT_OF_SERVICE", ["show_out"])


def test_an_update_begins_only_where_nobody_is_served():
    assert {row[0] for row in ROWS if row[2] == "UPDATE"} == {"IDLE", "OUT_OF_SERVICE"}


def test_an_event_that_cannot_be_is_an_error():
    for state, event in (("IDLE", "done"), ("", ""), ("COMMIT", ""), ("CARD", "card"), ("CARD", "made")):
        try:
            session.step(state, event)
        except KeyError:
            continue
        raise AssertionError("accepted")
