"""The agent as a process: real broker and host, nfcpy's own driver on a PN532, pyscard by a real pcscd."""

from pathlib import Path

import pytest

from simulator.broker import Broker
from simulator.card import ClassicCard, FelicaCard
from simulator.reader import Field, Pn532, PtyReader, VpcdSlot
from tests.host.looks import balance, holds
from tests.host.process import Host, Start
from tests.host.process import run as run_command
from tests.host.reader_agent.conftest import Run
from tests.host.reader_agent.running import AgentProcess, At, kill, lies, post, there
from tests.host.rig import Shop, blank, value_fen
from tests.host.tags import blank_tag
from tests.simulator.reader import pcsc
from tests.waiting import until

READER = "terminal:DESK1"


@pytest.fixture
def broker_kind() -> str:
    """Those that tell broker from broker ask for both themselves."""
    from simulator.broker import find_mosquitto

    return "mosquitto" if find_mosquitto() else "iotcore"


def test_a_card_is_issued_topped_up_and_taken_away(
    shop: Shop, host: Host, agent: AgentProcess, field: Field
) -> None:
    assert there(host) == {"name": READER, "where": "terminal", "online": True, "card": None}
    card = blank()
    field.place(card)
    lies(host, card)
    status, made = post(host, "/cards", reader=READER, amount_fen=10_000)
    assert (status, made["balance_fen"]) == (201, 10_000)
    status, _ = post(host, "/desk/top-up", "k1", reader=READER, amount_fen=500)
    assert (status, value_fen(card), balance(shop, card)) == (200, 10_500, 10_500)
    assert there(host)["card"] == {"uid": card.uid.hex().upper(), "chip": True, "busy": False}
    field.remove()
    until(lambda: there(host)["card"] is None)
    status, said = post(host, "/desk/top-up", "k2", reader=READER, amount_fen=500)
    assert (status, said["code"]) == (409, "no-card")
    agent.says("card left")
    assert agent.said() == ["the reader is ready", "the host is there", "card arrived", "card left"]
    holds(shop)


def test_the_same_through_pyscard_and_pcscd(
    shop: Shop, host: Host, run: Run, bundle: Path, field: Field, tmp_path: Path
) -> None:
    card = blank()
    with pcsc.running_pcscd(tmp_path) as (port, environment), VpcdSlot(field, port):
        agent = run(bundle, "pcsc:Tapledger", environment)
        agent.says("the host is there")
        field.place(card)
        lies(host, card)
        status, _ = post(host, "/cards", reader=READER, amount_fen=10_000)
        assert (status, value_fen(card)) == (201, 10_000)
        field.remove()
        until(lambda: there(host)["card"] is None)
        field.place(card)
        lies(host, card)
        assert post(host, "/desk/top-up", "k1", reader=READER, amount_fen=500)[0] == 200
        field.remove()
        agent.says("card left", 2)
    agent.says("PC/SC service does not answer")  # and it goes on looking for it
    assert (value_fen(card), agent.process.poll()) == (10_500, None)
    holds(shop)


@pytest.mark.parametrize("at", [1, 9, 25, 37, 45])
def test_a_card_pulled_in_the_middle_is_finished_when_it_comes_back(
    shop: Shop, host: Host, agent: AgentProcess, field: Field, at: int
) -> None:
    card = blank()
    field.place(card)
    lies(host, card)
    At(field, at, lambda: field.remove(card))
    status, said = post(host, "/cards", reader=READER, amount_fen=10_000)
    assert (status, said["code"]) == (409, "card-gone")
    agent.says("card left")
    field.place(card)
    lies(host, card)
    status, _ = post(host, "/cards", reader=READER, amount_fen=10_000)
    assert (status, value_fen(card), balance(shop, card)) == (201, 10_000, 10_000)
    holds(shop)


@pytest.mark.parametrize("what", ["agent", "broker", "intake", "host"])
@pytest.mark.parametrize("at", [6, 15])
def test_whoever_dies_in_a_top_up_nothing_is_taken_or_given_twice(
    shop: Shop, host: Host, start: Start, broker: Broker, agent: AgentProcess, run: Run,
    bundle: Path, tty: str, field: Field, what: str, at: int,
) -> None:  # fmt: skip
    card = shop.card(1000)
    field.place(card)
    lies(host, card)
    acts = {
        "agent": agent.kill,
        "broker": broker.stop,
        "intake": lambda: kill(host.pid("intake")),
        "host": lambda: kill(host.process.pid),
    }
    At(field, at, acts[what])
    try:
        status, _ = post(host, "/desk/top-up", "k1", reader=READER, amount_fen=500)
        assert status in (200, 409, 503)
    except OSError:
        assert what == "host"  # which answers nobody
    if what == "agent":
        agent.close()
        agent = run(bundle, tty)
    elif what == "broker":
        broker.start()
    elif what == "host":
        host.close()
        host = start(broker.port)
    lies(host, card)
    until(lambda: post(host, "/desk/top-up", "k1", reader=READER, amount_fen=500)[0] == 200)
    assert (value_fen(card), balance(shop, card)) == (1500, 1500)
    holds(shop)


def test_a_reader_that_is_unplugged_is_found_again(
    host: Host, run: Run, bundle: Path, field: Field, tmp_path: Path
) -> None:
    link, card = tmp_path / "reader", blank()
    agent = run(bundle, f"tty:{link}")
    agent.says(f"No PN532 answers at {link}")
    for count in (1, 2):
        with PtyReader(Pn532(field)) as reader:
            link.unlink(missing_ok=True)
            link.symlink_to(str(reader.path))
            agent.says("the reader is ready", count)
            field.place(card)
            lies(host, card)
        agent.says("No PN532 answers", count + 1)
        until(lambda: there(host)["card"] is None)
        field.remove()
    assert agent.process.poll() is None


def test_cards_of_other_kinds_are_told_with_their_uid(host: Host, agent: AgentProcess, field: Field) -> None:
    for foreign in (ClassicCard(bytes.fromhex("01020304")), FelicaCard(bytes.fromhex("0123456789ABCDEF"))):
        field.place(foreign)
        lies(host, foreign)
        assert there(host)["card"]["chip"] is False
        status, said = post(host, "/cards", reader=READER, amount_fen=100)
        assert (status, said["code"]) == (409, "no-card") and "not a MIFARE DESFire" in said["error"]
        field.remove()
        until(lambda: there(host)["card"] is None)
    tag = blank_tag()
    field.place(tag)
    lies(host, tag)
    status, made = post(host, "/cards/account", reader=READER)
    assert (status, made["kind"], made["state"]) == (201, "account", "active")
    status, made = post(host, "/cards", reader=READER, amount_fen=100)
    assert status == 409


def test_a_plain_card_is_registered_over_the_agent(host: Host, agent: AgentProcess, field: Field) -> None:
    card = ClassicCard(bytes.fromhex("00A2B304"))
    field.place(card)
    lies(host, card)
    status, made = post(host, "/cards/plain", reader=READER)
    assert (status, made["uid"]) == (201, "00A2B304")


def test_a_broker_that_comes_later_and_a_host_that_does_not_answer_are_told(
    broker: Broker, run: Run, bundle: Path, host: Host, tty: str
) -> None:
    broker.stop()
    assert host.end() == 0
    agent = run(bundle, tty)
    agent.says("no connection to the broker")
    broker.start()
    agent.says("the host does not answer")
    assert "the host is there" not in agent.said()


def test_two_agents_with_one_bundle(
    run: Run, agent: AgentProcess, bundle: Path, tty: str, host: Host
) -> None:
    """On one PC the second is refused; with a copy elsewhere one is told first and gives way."""
    done = run_command("reader", "--bundle", str(bundle), "--reader", tty)
    assert done.returncode == 4 and "Another agent runs with" in done.stderr
    copy = bundle.with_name("copy.bundle")
    copy.write_bytes(bundle.read_bytes())
    other = run(copy, "tty:/dev/there-is-none")
    until(lambda: "does another agent run with this bundle?" in agent.log() + other.log())
    assert host.get("/readers")["readers"]
