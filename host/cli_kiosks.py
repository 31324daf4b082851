"""`tapledger kiosk`: what is done about a kiosk on the machine where the books are."""

from pathlib import Path

import click

from host.cli_export import data_option
from host.cli_kiosk_config import config
from host.cli_proof import Proof, proof
from host.db import engine, schema
from host.db.connection import FAULTS
from host.errors import HostError, Refused
from host.terminals import kiosks, revoked


@click.group("kiosk")
def group() -> None:
    """Kiosks and desk readers: say what a kiosk sells, revoke a stolen one."""


group.add_command(config)


@group.command()
@data_option
@proof
@click.argument("name")
@click.option("--reason", default="stolen", show_default=True, help="For the books.")
def revoke(data: Path, by: Proof, name: str, reason: str) -> None:
    """It is told nothing any more; of what it says only sales that a card proves count. Also while a host
    serves."""
    database = engine.open_existing(engine.place(data))
    try:
        who = by.who(data, database, "kiosks")
        with database.write() as connection:
            new = revoked.revoke(connection, name, reason, who)
            is_kiosk = name in dict(kiosks.names(connection)).values()
    except Refused as refused:
        raise HostError(str(refused)) from None
    except FAULTS as error:
        raise schema.unusable(database.name, error) from None
    finally:
        database.close()
    if new and not is_kiosk:
        click.echo(f"{name} is revoked. It held no card's keys.")
    elif new:
        click.echo(
            f"{name} is revoked. It still holds the read and debit keys of before: stop the host and run "
            f"`tapledger keys rotate --stolen-kiosk {name}`."
        )
    else:
        click.echo(f"{name} was revoked already.")
