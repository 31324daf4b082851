"""The commands about blank cards and card numbers. Every change is proven to be an operator's (cli_proof)."""

from pathlib import Path

import click

from host.cards import life, naming, numbers, registry, stock, stock_places
from host.cli_books import books
from host.cli_options import data_option
from host.cli_proof import Proof, proof
from host.errors import HostError

_count = click.option(
    "--count", type=click.IntRange(1), help="How many, where they are not listed one by one."
)
_uids = click.option(
    "--uids", "uids_file", type=click.Path(path_type=Path), help="A file of UIDs in hex, one a line."
)


@click.group("stock")
def group() -> None:
    """Blank cards: add a batch, issue cards to a desk, list."""


@group.command()
@data_option
@proof
@click.argument("batch")
@click.option("--supplier", required=True)
@_count
@_uids
def add(data: Path, by: Proof, batch: str, supplier: str, count: int | None, uids_file: Path | None) -> None:
    """A delivery of blank cards, counted or listed."""
    uids = _uids_of(uids_file)
    with books(data) as database:
        who = by.who(data, database, "stock")
        with database.write() as connection:
            made = stock.add(connection, batch, supplier, who, count or 0, uids)
    click.echo(f"{made.count} blank cards of “{batch}” are in stock.")


@group.command()
@data_option
@proof
@click.argument("batch")
@click.option("--desk", default="", help="Who gets them, or gives them back.")
@_count
@_uids
@click.option("--back", is_flag=True, help="The desk gives unused ones back.")
@click.option("--scrap", is_flag=True, help="They are unfit, at that desk or in the house: they are ended.")
def issue(
    data: Path,
    by: Proof,
    batch: str,
    desk: str,
    count: int | None,
    uids_file: Path | None,
    back: bool,
    scrap: bool,
) -> None:
    """Hand blank cards out to a desk."""
    if back and scrap:
        raise HostError("--back and --scrap are two things: do one after the other.")
    state = "blank" if back else "void" if scrap else "issued"
    uids = _uids_of(uids_file)
    with books(data) as database:
        who = by.who(data, database, "stock")
        with database.write() as connection:
            moved = stock.move(connection, stock.find(connection, batch), state, desk, who, count or 0, uids)
    click.echo(f"{moved} cards of “{batch}”: {life.STATES[state].what}.")


@group.command("list")
@data_option
def list_(data: Path) -> None:
    """Every batch, and where its cards are."""
    with books(data, read_only=True) as database, database.read() as connection:
        for row in stock_places.summary(connection):
            desks = "".join(f", {count} at {desk}" for desk, count in sorted(row["desks"].items()))
            click.echo(
                f"{row['batch']}  {row['supplier']}  {row['count']}: {row['blank']} blank{desks},"
                f" {row['used']} used, {row['void']} scrapped"
            )


@click.command("numbers")
@data_option
@proof
@click.argument("scheme", required=False)
@click.option("--region", default="", help="Where none is named when a card is made.")
def numbers_(data: Path, by: Proof, scheme: str | None, region: str) -> None:
    """How card numbers look: {seq:N}, {region}, {check} and text. Without SCHEME: what holds."""
    with books(data, read_only=scheme is None) as database:
        if scheme is not None:
            who = by.who(data, database, "stock")
            with database.write() as connection:
                numbers.set_scheme(connection, scheme, region)
            click.echo(f"{who}: from now on", err=True)
        with database.read() as connection:
            found, usual = numbers.scheme_of(connection)
        click.echo(f"{found.text}  for example {found.number(1, usual)}")


@click.command("list")
@data_option
@click.option("--state", type=click.Choice(list(life.STATES)), help="Only these.")
def cards_list(data: Path, state: str | None) -> None:
    """Every card in its present life, one a line."""
    with books(data, read_only=True) as database, database.read() as connection:
        for card in registry.present(connection):
            if state in (None, card.state):
                click.echo(f"{card.number}  {card.uid_hex}  {card.kind}  {card.state}")


@click.command("show")
@data_option
@click.argument("card")
def cards_show(data: Path, card: str) -> None:
    """What the books know of one card, by its number or UID: money, flags, and each step of its lives."""
    with books(data, read_only=True) as database, database.read() as connection:
        found = naming.named(connection, card)
        told = registry.to_json(connection, found)
        for name in told:
            click.echo(f"{name}  {told[name] if name != 'flags' else ', '.join(told[name])}")
        for step in registry.history(connection, found.uid):
            click.echo(f"issue {step['issue']}  {step['at']}  {step['state']}  {step['who']}")


def _uids_of(file: Path | None) -> list[bytes]:
    """The UIDs in a file; HostError names the line that is none."""
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise HostError(f"{file} cannot be read: {error}.") from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip().replace(":", "").replace(" ", "")
        try:
            uid = bytes.fromhex(text)
        except ValueError:
            uid = b""
        if text and not 4 <= len(uid) <= 10:
            raise HostError(f"{file}, line {number}: “{line[:40]}” is no UID of 4 to 10 bytes in hex.")
        if text:
            found.append(uid)
    if not found:
        raise HostError(f"{file} holds no UID: write one a line, in hex.")
    return found
