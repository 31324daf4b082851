"""`tapledger cards recover`: asks the host that serves the folder, which alone has readers and keys."""

import os
from pathlib import Path

import click

from host import installation
from host.cli_options import data_option
from host.errors import HostError, Refused
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller

_file = click.Path(path_type=Path)


@click.command("recover")
@data_option
@click.option("--reader", required=True, help="pcsc:PART OF ITS NAME, tty:/dev/PATH or usb.")
@click.option("--token-file", type=_file, help="Of whoever asks; the first machine's, if none is named.")
def recover(data: Path, reader: str, token_file: Path | None) -> None:
    """Finish what a pulled card or a killed host left half done, and settle what is open on the card."""
    place = token_file or data / installation.TOKEN
    try:
        token = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise HostError(f"The token in {place} cannot be read: {error}.") from None
    if not (data / SOCKET_NAME).exists():
        raise HostError(
            f"No host serves {data}: start it with `tapledger serve --data {data}`, then ask again."
        )
    try:  # a socket's path is short: from here it often is
        caller = Caller(Path(os.path.relpath(data / SOCKET_NAME)))
        card = caller.call("recover card", token=token, body={"reader": reader})
    except Refused as refused:
        raise HostError(str(refused)) from None
    click.echo(f"{card['number']}  {card['uid']}  {card['state']}  {card['balance_fen']} fen")
    click.echo(card["did"])
    for sale in card["settled"]:
        ended = "paid" if sale["paid"] else "not paid"
        click.echo(f"{sale['kiosk']} {sale['epoch']}.{sale['counter']}: {sale['amount_fen']} fen {ended}")
