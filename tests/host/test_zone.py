"""The shop's time zone: kept in the books, followed by every process of the host, named on the page."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from host import zone
from host.cards import plain
from host.errors import HostError
from tests.host.process import Host, Start, refuses, run
from tests.host.rig import Shop

FAR = "Pacific/Kiritimati"  # 14 hours ahead of UTC: no machine of ours stands there


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's zone is another; what a test follows ends with it."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC")
        zone.time.tzset()
        yield
    zone.time.tzset()


def keep(shop: Shop, name: str) -> None:
    with shop.opened.database.write() as connection:
        zone.keep(connection, name)


def test_it_is_kept_changed_and_given_back(shop: Shop) -> None:
    assert shop.look(zone.kept) == ""
    keep(shop, FAR)
    assert shop.look(zone.kept) == FAR
    keep(shop, "")
    assert shop.look(zone.kept) == ""


@pytest.mark.parametrize(
    "name", ["Mars/Phobos", "../../etc/passwd", "/etc/passwd", "Asia", "a\0b", "x" * 300]
)
def test_what_is_no_zone_is_refused_and_the_one_before_stays(shop: Shop, name: str) -> None:
    keep(shop, FAR)
    with pytest.raises(HostError, match="no time zone that this machine knows"):
        keep(shop, name)
    with pytest.raises(HostError):
        zone.follow(name)
    assert shop.look(zone.kept) == FAR and zone.in_force() == ("UTC", "+00:00")


def test_days_and_pages_go_by_it() -> None:
    """In a process of its own: what a process follows it follows to its end."""
    said = (
        "from host import zone; zone.follow('Asia/Shanghai'); from host.cards import plain;"
        "from host.web import shown; print(plain.day_began_s(1_790_000_000), shown.when(1_790_000_000),"
        " *zone.in_force())"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    midnight_s = datetime(2026, 9, 21, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    assert done.stdout.split() == [f"{midnight_s:.0f}", "2026-09-21", "22:13", "Asia/Shanghai", "+08:00"]


def test_a_c_library_that_knows_less_is_noticed_in_winter_too() -> None:
    """In winter London's clocks show UTC, and so do those of a zone that is not known."""
    said = "from host import zone; zone.follow('Europe/London')"
    known = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True)
    without = {**os.environ, "TZDIR": "/nowhere"}
    done = subprocess.run([sys.executable, "-c", said], env=without, capture_output=True, text=True)
    assert known.returncode == 0, known.stderr
    assert "does not know the time zone Europe/London: install tzdata" in done.stderr


@pytest.mark.parametrize(
    ("name", "day", "began"),
    [
        ("America/Havana", "2026-11-01", "2026-11-01 04:00"),  # 0 to 1 o'clock comes twice
        ("Atlantic/Azores", "2026-10-25", "2026-10-25 00:00"),  # and so here
        ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00"),  # it never comes
        ("Europe/Berlin", "2026-10-25", "2026-10-24 22:00"),
        ("Asia/Shanghai", "2026-10-25", "2026-10-24 16:00"),
    ],
)
def test_a_day_begins_once_and_never_later_than_now(
    monkeypatch: pytest.MonkeyPatch, name: str, day: str, began: str
) -> None:
    monkeypatch.setenv("TZ", name)
    zone.time.tzset()
    began_s = int(datetime.fromisoformat(f"{began}+00:00").timestamp())
    ends_s = int((datetime.fromisoformat(day) + timedelta(days=1)).timestamp())
    assert {plain.day_began_s(at_s) for at_s in range(began_s, ends_s, 600)} == {began_s}
    assert plain.day_began_s(began_s - 1) < began_s and plain.day_began_s(ends_s) == ends_s


def sell_pass(host: Host, uid: str, until: str) -> int:
    """-> when it is over, Unix seconds."""
    token = (host.data / "operator-token").read_text().strip()
    body = {"uid": uid, "reason": "x", "until": until}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": until}
    url = f"http://127.0.0.1:{host.port}/api/v1/desk/pass"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        return int(json.load(answer)["passes"][0]["until"])


def test_a_host_goes_by_it_wherever_it_runs(data: Path, shop: Shop, start: Start, refusing_port: int) -> None:
    card = shop.card(1000).uid.hex()
    assert run("zone", "--data", str(data)).stdout == "the machine's\n"
    assert run("zone", FAR, "--data", str(data)).stdout == f"{FAR}\n"
    host = start(refusing_port)
    try:
        day = datetime.now(ZoneInfo(FAR)).replace(hour=0, minute=0, second=0, microsecond=0)
        assert sell_pass(host, card, f"{day:%Y-%m-%d}") == int((day + timedelta(days=1)).timestamp())
    finally:
        assert host.end() == 0
    assert "no time zone" in refuses(4, "zone", "Mars/Phobos", "--data", str(data))
    assert "NAME is empty" in run("zone", "", "--data", str(data)).stderr
    assert run("zone", "--data", str(data)).stdout == f"{FAR}\n"
    assert run("zone", "--machine", "--data", str(data)).stdout == "the machine's\n"
    both = run("zone", FAR, "--machine", "--data", str(data))
    assert both.returncode == 2 and "exclude each other" in both.stderr
    assert os.environ["TZ"] == "UTC"
