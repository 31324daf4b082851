"""A kiosk that is registered anew has said nothing of a roll-out yet; kiosks can be held back from one, and
for how long one may be off is its own to say."""

from pathlib import Path

from alembic import op

from host.db.migrations import step

revision = "0026"
down_revision = "0025"

BEFORE = {  # columns beside the roll-out and the kiosk, and the key
    "rollout_kiosks": ({"stage": "INTEGER", "at_s": "INTEGER"}, "rollout, kiosk"),
    "rollout_words": (
        {"state": "INTEGER", "reason": "TEXT", "at_s": "INTEGER"},
        "rollout, kiosk, state",
    ),
}


def upgrade() -> None:
    """Both tables are made anew with the kiosk's issue number."""
    step.make(Path(__file__), append_only=(*BEFORE, "rollout_holds"))


def downgrade() -> None:
    """As it was; only while nobody was held back, no kiosk had two lives and none may be off for longer."""
    step.must_be_none("rollout_holds", "kiosks held back from an update")
    step.must_be_none("rollouts WHERE absent_s <> 86400", "updates with a time of their own for who is off")
    for table, (columns, key) in BEFORE.items():
        step.must_be_none(f"{table} WHERE issue > 1", "updates of kiosks that were registered anew")
        own = ", ".join(f"{name} {kind} NOT NULL" for name, kind in columns.items())
        names = ", ".join(("rollout", "kiosk", *columns))
        step.make(
            "CREATE TABLE made (rollout INTEGER NOT NULL REFERENCES rollouts (id), kiosk INTEGER NOT NULL"
            f" REFERENCES kiosks (number), {own}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID",
            f"INSERT INTO made ({names}) SELECT {names} FROM {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE made RENAME TO {table}",
            append_only=(table,),
        )
    step.drop("rollout_holds")
    op.execute("ALTER TABLE rollouts DROP COLUMN absent_s")
