import os
import threading
from pathlib import Path

import pytest

from host.db.engine import Database
from host.db.log import Unsynced
from host.processes import alone
from tests.host.power import under
from tests.host.rig import empty_books
from tests.waiting import until

PUT = "INSERT INTO settings (name, value) VALUES ('a', 'b')"


def test_a_process_books_only_once_the_disk_has_what_the_one_before_it_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(empty_books())
    lifeline, hold = os.pipe()
    found: list[bool] = []
    with under(path) as disk:
        before, after = Database(path), Database(path)
        with before.write(later=True) as connection:
            connection.execute(PUT)
        disk.fails = True
        with pytest.raises(Unsynced):
            before.settle()
        starting = threading.Thread(target=lambda: (found.append(alone.hold(after, lifeline)), after.close()))
        starting.start()
        try:
            said: list[str] = []
            until(lambda: said.append(capsys.readouterr().out) or "we go on trying" in "".join(said))
            assert found == []
            disk.fails = False
            until(lambda: found == [True])
        finally:
            os.close(hold)
            starting.join(60)
            before.close()
            os.close(lifeline)
        cut = disk.after_a_cut(tmp_path / "cut")
        with cut.read() as connection:
            assert connection.tuples("SELECT name, value FROM settings") == [("a", "b")]
        cut.close()
