"""No master and no derived key shows in a real host's books, files, log, tracebacks, dumps, environment."""

import base64
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.cards import keeper
from host.cards.card_keys import card_keys
from host.cards.keeper import Keeper
from protocol.card import layout
from protocol.wire import mac
from simulator.broker import Broker
from simulator.card import DesfireCard
from simulator.reader import Field, Pn532, PtyReader
from tests.host.cards.keeper.traces import forms, found
from tests.host.flood import say_hello
from tests.host.looks import registered
from tests.host.masters import masters_by_role
from tests.host.process import Host, Start, run
from tests.host.rig import Shop, blank
from tests.host.terminals.line.online import OnLine
from tests.waiting import until


@pytest.fixture
def desk() -> Iterator[tuple[Field, str]]:
    field = Field()
    reader = PtyReader(Pn532(field))
    reader.start()
    yield field, f"tty:{reader.path}"
    reader.stop()


def keys_of(shop: Shop, card: DesfireCard, secret: bytes) -> dict[str, bytes]:
    """Every master, and every key that was derived from one."""
    kept: Keeper = shop.opened.keeper
    made = {
        f"master {role} {version}": master
        for role, versions in masters_by_role(kept).items()
        for version, master in versions.items()
    }
    of_card = card_keys(kept, registered(shop, card))
    made |= {f"card {role}": getattr(of_card, role) for role in (*layout.KEYS, "picc", "tmac", "data")}
    made |= {f"account {role}": kept.card_key(role, card.uid, 1) for role in keeper.ACCOUNT_ROLES}
    made |= {f"meta {version}": key for version, key in kept.meta_keys().items()}
    made["kiosk secret"] = secret
    made |= dict(zip(("up", "down", "seal"), mac.kiosk_keys(secret), strict=True))
    assert len(made) >= 25 and len(set(made.values())) == len(made)
    return made


def written(host: Host, pids: list[int], spoken: str) -> dict[str, bytes]:
    """All that a host has written or shows: files but the sealed one, its log, and its processes."""
    places = {
        path.name: path.read_bytes()
        for path in host.data.rglob("*")
        if path.is_file() and path.name != keeper.FILE_NAME
    }
    assert places["tapledger.db-wal"] and places["tapledger.db"] and places["host.log"]
    for pid in pids:
        for name in ("environ", "cmdline", "status"):
            places[f"{name} of {pid}"] = Path(f"/proc/{pid}/{name}").read_bytes()
    return places | {"what was said": spoken.encode()}


def test_a_host_at_work_and_in_trouble_leaves_no_key_anywhere(
    shop: Shop,
    data: Path,
    broker: Broker,
    start: Start,
    online: OnLine,
    desk: tuple[Field, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    if not Path(f"/proc/{os.getpid()}/environ").exists():
        pytest.skip("this platform can't look into another process")
    host = start(broker.port)
    say_hello(online, host)
    field, reader = desk
    card, foreign = blank(), blank()
    field.place(card)
    said = [host.open("/cards", {"reader": reader, "amount_fen": 10_000}).read().decode()]
    field.remove()
    online.say(shop.sale(online.kiosk, card))
    until(lambda: online.acknowledged(1))
    foreign.arm_pull("commit-sent")
    field.place(foreign)
    for body in (
        {"reader": reader, "amount_fen": 1},
        {"reader": "tty:/dev/nowhere", "amount_fen": 1},
        [],
        {},
    ):
        try:
            host.open("/cards", body)
        except OSError as refused:
            said.append(str(getattr(refused, "read", lambda: b"")()))
    for arguments in (("verify",), ("keys", "status"), ("keys", "init"), ("keys", "rotate", "debit")):
        done = run(*arguments, "--data", str(data))
        said += [done.stdout, done.stderr]
    pids = [host.process.pid, host.pid("intake"), host.pid("web")]
    keys = keys_of(shop, card, online.kiosk.given["secret"])
    assert found(written(host, pids, "".join(said)), keys) == []
    os.kill(host.pid("intake"), signal.SIGABRT)  # Python's own dump of where every thread is
    until(lambda: "Fatal Python error" in host.said())
    until(lambda: host.pid("intake") != pids[1])
    assert "Thread 0x" in host.said()
    assert found(written(host, [host.pid("intake")], "".join(said)), keys) == []


def test_a_bundle_is_the_one_answer_that_holds_a_secret(shop: Shop) -> None:
    """So the search finds what is there: the API gives it once, for the cable."""
    kiosk, _ = shop.kiosks.register("K7", *_terms())
    content = base64.b64encode(shop.kiosks.bundle(kiosk, "h", 1883, "wifi", ""))
    secret = shop.opened.keeper.kiosk_secret("K7", kiosk.number, 1)
    assert found({"bundle": json.dumps({"bundle": content.decode()}).encode()}, {"secret": secret})


def _terms() -> tuple[Any, str]:
    from host.terminals.fleet.configs import Config

    return Config(2500), "operator:desk"


@pytest.mark.parametrize("at", range(14))
def test_a_key_that_leaks_in_any_form_is_found(shop: Shop, data: Path, at: int) -> None:
    key = masters_by_role(shop.opened.keeper)["credit"][1]
    form = forms(key)[at]
    with shop.opened.database.write() as connection:
        connection.execute("CREATE TABLE leak (x)")
        connection.execute("INSERT INTO leak VALUES (?)", (form,))
    places = {path.name: path.read_bytes() for path in data.iterdir() if path.name != keeper.FILE_NAME}
    assert set(found(places, {"credit": key})) == {"credit in tapledger.db-wal"}


def test_every_form_is_tried() -> None:
    assert len(forms(bytes(range(16)))) == 14


@pytest.mark.parametrize("before", range(4))
def test_a_key_within_what_was_encoded_is_found(before: int) -> None:
    key = bytes(range(100, 116))
    encoded = base64.b64encode(b"\xff" * before + key + b"more")
    assert found({"x": encoded}, {"key": key}), encoded
