"""Roll-outs of a firmware in the books: begun, stopped, looked at, and carried on in their stages.

Everything is kept: who began, which kiosk was in which stage, what each said of it, how it ended.
"""

from host import alarms, clock
from host.db.connection import Connection
from host.errors import Refused
from host.terminals.fleet import kiosks, revoked
from host.terminals.updates import holds, newest, stages
from host.terminals.updates.members import FAILURES, members
from host.terminals.updates.newest import Rollout
from host.terminals.updates.stages import Limits, Member
from protocol.wire import image_file, updates

ITSELF = "host"  # who ended it
WAITS = "update-waits"
USUAL = Limits(soak_s=3600, silent_s=1800, absent_s=24 * 3600)


def start(connection: Connection, version: int, first: str, who: str, limits: Limits = USUAL) -> int:
    """Begin with one kiosk -> the roll-out's number. Refused 400, 404 and 409."""
    if limits.absent_s <= limits.silent_s:
        raise Refused(400, "limits", "A kiosk must be off for longer than it may be silent.")
    name = image_file.text(version)
    if connection.execute("SELECT 1 FROM firmware_images WHERE version = ?", (version,)).fetchone() is None:
        raise Refused(404, "unknown-version", f"There is no image of version {name}: add it first.")
    numbers = {kiosk: number for number, kiosk in kiosks.names(connection)}
    if first not in numbers or numbers[first] in revoked.numbers(connection):
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {first[:32]}.")
    running = newest.current(connection)
    if running is not None:
        sentence = f"Version {image_file.text(running.version)} is being rolled out: stop that first."
        raise Refused(409, "rollout-open", sentence)
    last = connection.execute("SELECT max(id) AS last FROM rollouts").fetchone()["last"] or 0
    row = connection.execute(
        "INSERT INTO rollouts (version, after, soak_s, silent_s, absent_s, who, at_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (version, last, *limits, who, clock.now_s()),
    ).fetchone()
    _join(connection, row["id"], 0, [numbers[first]])
    runs = kiosks.session_row(connection, numbers[first])["runs"]
    if runs >= version:
        heard(connection, row["id"], numbers[first], updates.CONFIRMED, "")
    return int(row["id"])


def stop(connection: Connection, reason: str, who: str) -> int:
    """Nobody begins any more -> the version. Refused 409 when none goes on."""
    running = newest.current(connection)
    if running is None:
        raise Refused(409, "no-rollout", "No update is being rolled out.")
    _end(connection, running, False, reason, who)
    return running.version


def is_waited_for(connection: Connection, rollout: int, kiosk: int) -> bool:
    """Is it in a stage of this, not held back, and has not said how it ended?"""
    row = connection.execute(
        "SELECT 1 FROM rollout_kiosks m JOIN kiosks k ON k.number = m.kiosk AND k.issue = m.issue"
        " WHERE m.rollout = ? AND m.kiosk = ? AND NOT EXISTS (SELECT 1 FROM rollout_words w WHERE"
        " w.rollout = m.rollout AND w.kiosk = m.kiosk AND w.issue = m.issue AND w.state IN (?, ?, ?))",
        (rollout, kiosk, updates.CONFIRMED, *FAILURES),
    ).fetchone()
    return row is not None and kiosk not in holds.numbers(connection, rollout)


def heard(connection: Connection, rollout: int, kiosk: int, state: int, reason: str) -> None:
    """What a kiosk says of a roll-out that it is in; again, or of another, changes nothing."""
    connection.execute(
        "INSERT INTO rollout_words (rollout, kiosk, issue, state, reason, at_s)"
        " SELECT m.rollout, m.kiosk, m.issue, ?, ?, ? FROM rollout_kiosks m"
        " JOIN kiosks k ON k.number = m.kiosk AND k.issue = m.issue WHERE m.rollout = ? AND m.kiosk = ?"
        " ON CONFLICT DO NOTHING",
        (state, reason, clock.now_s(), rollout, kiosk),
    )


def carry_on(connection: Connection) -> None:
    """Begin the next stage, end, or stop when it is time."""
    running = newest.current(connection)
    if running is None:
        return
    known = members(connection, running.id)
    now_s = clock.now_s()
    todo = stages.step(list(known.values()), now_s, running.limits)
    for one in known.values():
        if not todo.why and one.is_missed(now_s, running.limits):
            _miss(connection, running, one)
    if todo.why:
        _end(connection, running, False, todo.why, ITSELF)
        name = image_file.text(running.version)
        sentence = f"The update to {name} has stopped: {todo.why}. No kiosk begins it any more."
        alarms.raise_(connection, "update-stopped", name, sentence)
    elif todo.stage is not None:
        _begin(connection, running, todo.stage, known)


def _miss(connection: Connection, running: Rollout, one: Member) -> None:
    """An alarm, once for each time that it is off."""
    since_s = one.awaited_since_s()
    sql = "SELECT 1 FROM alarms WHERE code = ? AND subject = ? AND at_s >= ? LIMIT 1"
    if connection.execute(sql, (WAITS, one.name, since_s)).fetchone() is None:
        sentence = (
            f"The update to {image_file.text(running.version)} waits for {one.name} since"
            f" {clock.text(since_s)}: is it on, and can it be updated? If it is gone for good, revoke it;"
            " if it is to have the update later, hold it back."
        )
        alarms.raise_(connection, WAITS, one.name, sentence)


def _begin(connection: Connection, running: Rollout, stage: int, known: dict[int, Member]) -> None:
    """This stage, as far as kiosks are left; it is done when there are none, and none that was left out."""
    fleet, lacking = _lacking(connection, running)
    lacking = [kiosk for kiosk in lacking if kiosk not in known]
    if lacking:  # also who was registered since the last stage began
        stage = min(stage, len(stages.STAGES) - 1)
        _join(connection, running.id, stage, lacking[: stages.size(stage, fleet)])
    elif not any(one.is_left_out(clock.now_s(), running.limits) for one in known.values()):
        _end(connection, running, True, "", ITSELF)


def _lacking(connection: Connection, running: Rollout) -> tuple[int, list[int]]:
    """How many kiosks there are, and which do not run this version yet, those heard of last at the head."""
    rows = connection.execute(
        "SELECT k.number, s.runs FROM kiosks k JOIN kiosk_sessions s ON s.kiosk = k.number"
        " WHERE k.kind = ? ORDER BY s.heard_at_s IS NULL, s.heard_at_s DESC, k.number",
        (kiosks.KIOSK,),
    ).fetchall()
    gone = revoked.numbers(connection) | holds.numbers(connection, running.id)
    there = [row for row in rows if row["number"] not in gone]
    return len(there), [row["number"] for row in there if row["runs"] < running.version]


def _join(connection: Connection, rollout: int, stage: int, numbers: list[int]) -> None:
    now_s = clock.now_s()
    connection.execute_many(
        "INSERT INTO rollout_kiosks (rollout, kiosk, issue, stage, at_s)"
        " SELECT ?, number, issue, ?, ? FROM kiosks WHERE number = ? ON CONFLICT DO NOTHING",
        [(rollout, stage, now_s, number) for number in numbers],
    )


def _end(connection: Connection, running: Rollout, done: bool, reason: str, who: str) -> None:
    connection.execute(
        "INSERT INTO rollout_ends (rollout, done, reason, who, at_s) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (running.id, int(done), reason, who, clock.now_s()),
    )
