"""`tapledger kiosk`: a kiosk's life from its bundle to its end. Revoking is done where the books are, the
rest through a running host, as the operator who is logged in.
"""

import json
import time
import urllib.parse
from pathlib import Path
from typing import Any

import click

from host import bundle_file, cli_desk, cli_kiosk_config
from host.cli_books import books
from host.cli_kiosk_config import config
from host.cli_kiosk_flash import flash
from host.cli_options import Line, data_option, parse_address
from host.cli_proof import Proof, proof, secret
from host.errors import HostError
from host.terminals.fleet import kiosks, revoked


@click.group("kiosk")
def group() -> None:
    """Kiosks: add, flash, configure, look at; revoke a stolen one, or a desk reader."""


group.add_command(config)
group.add_command(flash)
_file = click.Path(path_type=Path)
FETCHED_S = 20  # a kiosk asks every two seconds


@group.command()
@click.argument("name")
@click.option("--out", type=_file, show_default="NAME.bundle", help="The bundle's file: a secret.")
@click.option("--broker", metavar="HOST:PORT", help="As the kiosk reaches it; without: as the host does.")
@click.option("--ntp", metavar="HOST", help="Time server, '' for none; without: pool.ntp.org.")
@click.option("--wifi", required=True, help="Name of its network.")
@click.option("--wifi-password-file", type=_file, help="Its password; without: asked for.")
@click.option("--open-wifi", is_flag=True, help="The network has no password.")
@cli_kiosk_config.options
@cli_desk.session_option
def add(name: str, out: Path | None, session: Path, **given: Any) -> None:
    """Make a kiosk's keys and certificate, and write its bundle. Options say what it sells, as for config."""
    url, token = cli_desk.kept(session)
    body = {"name": name, **network(given), **cli_kiosk_config.asked(given)}
    out = out or Path(f"{name}.bundle")
    bundle_file.write(out, lambda: cli_desk.call(url, token, "POST", "/kiosks", body))
    click.echo(f"{name} is registered. Next: tapledger kiosk flash {name} --port ... --micropython ...")
    click.echo(f"Who has {out} can be that kiosk: flash it, then delete the file.")


def network(given: dict[str, Any]) -> dict[str, Any]:
    """Options of the network and the broker -> fields for the host; HostError."""
    body: dict[str, Any] = {"ssid": given["wifi"], **reached(given["broker"])}
    if not given["open_wifi"]:
        prompt = f"Password of the network {given['wifi']}"
        body["password"] = secret(prompt, given["wifi_password_file"], new=False)
    if given["ntp"] is not None:
        body["ntp"] = given["ntp"]
    return body


def reached(broker: str | None) -> dict[str, Any]:
    """HOST:PORT of the broker -> fields for the host; HostError."""
    if broker is None:
        return {}
    host, port = parse_address(broker)
    return {"broker_host": host, "broker_port": port}


@group.command()
@click.argument("name")
@click.argument("code", nargs=-1, required=True)
@click.option("--broker", metavar="HOST:PORT", help="As the kiosk reaches it; without: as the host does.")
@cli_kiosk_config.options
@cli_desk.session_option
def pair(name: str, code: tuple[str, ...], session: Path, broker: str | None, **given: Any) -> None:
    """Make the device that shows this code the kiosk NAME. Options say what it sells, as for config."""
    url, token = cli_desk.kept(session)
    body = {"code": " ".join(code), **reached(broker), **cli_kiosk_config.asked(given)}
    path = f"/kiosks/{urllib.parse.quote(name, safe='')}/pair"
    cli_desk.call(url, token, "POST", path, body)
    click.echo("Waiting for the kiosk to ask ...", err=True)
    for _ in range(FETCHED_S):
        if cli_desk.call(url, token, "GET", path, None)["fetched"]:
            click.echo(f"{name} has its bundle: it starts anew and connects.")
            return
        time.sleep(1)
    raise HostError(
        "No kiosk has asked by this code yet. Is it still on the screen? It is good for ten minutes, and so "
        "is what was sealed for it."
    )


@group.command("list")
@cli_desk.session_option
def list_(session: Path) -> None:
    """Every kiosk: is it there, and what does it work by?"""
    url, token = cli_desk.kept(session)
    for one in cli_desk.listed(url, token, "/kiosks"):
        click.echo(f"{one['name']:<32} {', '.join(_state(one))}")


@group.command()
@click.argument("name")
@cli_desk.session_option
def show(name: str, session: Path) -> None:
    """All that the host knows of a kiosk, as JSON."""
    url, token = cli_desk.kept(session)
    found = [one for one in cli_desk.listed(url, token, "/kiosks") if one["name"] == name]
    if not found:
        raise HostError(f"There is no kiosk {name}.")
    click.echo(json.dumps(found[0], ensure_ascii=False, indent=1))


def _state(one: dict[str, Any]) -> list[str]:
    config = one["config"]
    words = ["revoked" if one["revoked"] else "connected" if one["connected"] else "away"]
    if config["rejected"] is not None:
        words.append(f"rejected configuration {config['newest']} ({config['rejected']})")
    elif config["confirmed"] != config["newest"]:
        words.append(f"does not have configuration {config['newest']} yet")
    if one["stale"]:
        words.append("lists too old to sell offline")
    return [*words, f"firmware {one['firmware'] or 'unknown'}"]


@group.command()
@data_option
@proof
@click.argument("name")
@click.option("--reason", type=Line(), default="stolen", show_default=True, help="For the books.")
def revoke(data: Path, by: Proof, name: str, reason: str) -> None:
    """It is told nothing any more; of what it says only sales that a card proves count. Also while a host
    serves."""
    with books(data) as database:
        who = by.who(data, database, "kiosks")
        with database.write() as connection:
            new = revoked.revoke(connection, name, reason, who)
            is_kiosk = name in dict(kiosks.names(connection)).values()
    if new and not is_kiosk:
        click.echo(f"{name} is revoked. It held no card's keys.")
    elif new:
        click.echo(
            f"{name} is revoked. It still holds the read and debit keys of before: stop the host and run "
            f"`tapledger keys rotate --stolen-kiosk {name}`."
        )
    else:
        click.echo(f"{name} was revoked already.")
