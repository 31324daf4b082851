"""`tapledger reader` on a clerk's PC, and `tapledger readers` for who registers it."""

import json
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import click

from host import bundle_file, cli_desk, log
from host.cli_options import parse_address
from host.errors import HostError


@click.command()
@click.option("--list", "lists", is_flag=True, help="Only say which readers are plugged in here.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Of `tapledger readers add`.")
@click.option("--reader", "name", help="pcsc:NAME-PART, tty:/dev/PATH or usb, as --list says.")
@click.option("--log-format", type=click.Choice(["console", "json"]), default="console", show_default=True)
def reader(lists: bool, bundle: Path | None, name: str | None, log_format: str) -> None:
    """Let clerks of the host work on the card reader of this PC, until SIGTERM or Ctrl-C."""
    from host.cards import listing
    from host.cards.readers import is_name, unnamed

    if lists:
        for one in listing.found():
            click.echo(f"{one.name}  ({one.what})")
        return
    if bundle is None or name is None:
        raise click.UsageError("--bundle FILE and --reader NAME are needed; --list says the names.")
    if not is_name(name):
        raise HostError(str(unnamed(name)))
    log.configure(log_format)
    _run(bundle, name)


def _run(path: Path, name: str) -> None:
    from host.reader_agent import bundle
    from host.reader_agent.agent import Agent
    from host.reader_agent.conversation import Conversation
    from host.reader_agent.line import Event, Line
    from host.reader_agent.talk import Talk
    from host.terminals.line import tls

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with bundle.used(path) as given:
        events: SimpleQueue[Event] = SimpleQueue()
        secure = tls.context(given["ca"], given["certificate"], given["key"]) if given["ca"] else None
        line = Line(given["name"], given["host"], given["port"], events, secure)
        line.start()
        try:
            Agent(Conversation(Talk(given), line, events), name, stopping).run()
        finally:
            line.stop()


@click.group()
def readers() -> None:
    """Readers on clerks' PCs: register one, see which are there."""


@readers.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The bundle's file: a secret.")
@click.option("--broker", metavar="HOST:PORT", help="As that PC reaches it; without: as the host does.")
@cli_desk.session_option
def add(name: str, out: Path, broker: str | None, session: Path) -> None:
    """Register a reader under this name, and write what its agent needs."""
    body: dict[str, Any] = {"name": name}
    if broker is not None:
        body["broker_host"], body["broker_port"] = parse_address(broker)
    url, token = cli_desk.kept(session)
    bundle_file.write(out, lambda: cli_desk.call(url, token, "POST", "/readers", body))
    click.echo(
        f"{name} is registered: run `tapledger reader --bundle {out.name} --reader ...` on its PC, where"
    )
    click.echo(
        f"clerks name it terminal:{name}. Who has that file can be that reader: move it, do not copy it."
    )


@readers.command("list")
@cli_desk.session_option
def list_(session: Path) -> None:
    """Those of the host's machine and those of PCs, with the card that lies there."""
    url, token = cli_desk.kept(session)
    for one in cli_desk.call(url, token, "GET", "/readers", None)["readers"]:
        click.echo(json.dumps(one, ensure_ascii=False))
