"""`tapledger kiosk config`: what a kiosk sells, when, and in which words; without an option what it was told.

Speaks HTTP to a running host, as the operator who is logged in; the kiosk is told at once.
"""

import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

import click

from host import cli_desk
from host.errors import HostError
from host.terminals.fleet import config_text
from protocol.wire.kinds import AMOUNT_FEN_MAX

NEVER, ALWAYS = "never", "always"
_YUAN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{2}))?")
PLAIN = (  # option, field, what
    ("--verdict-wait-ms", "verdict_wait_ms", "How long it waits for the host's word on a sale."),
    ("--offline-total-fen", "offline_total_fen", "What it may take without the host."),
    ("--offline-card-fen", "offline_card_fen", "Of that, what one card may pay."),
    ("--offline-card-count", "offline_card_count", "And in how many sales."),
    ("--offline-max-age-h", "offline_max_age_h", "How old its lists may be for a sale without the host."),
)


def fen(text: str, what: str) -> int:
    """25, or 25.00, yuan -> 2500; HostError, also for what no kiosk takes: it is said in yuan here."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise HostError(f"{what} must be yuan such as 25 or 25.00, not {text!r}.")
    sum_fen = int(found[1]) * 100 + int(found[2] or 0)
    if not 1 <= sum_fen <= AMOUNT_FEN_MAX:
        raise HostError(f"{what} must be from 0.01 to {AMOUNT_FEN_MAX // 100}.00 yuan, not {text!r}.")
    return sum_fen


def span(text: str, what: str, word: str) -> list[int]:
    """22:00-08:00 -> [1320, 480]; HostError. word: what the option takes for a day without an end."""
    minutes = config_text.span(text)
    if minutes is None:
        raise HostError(f"{what} must be from and to, such as 22:00-08:00, or {word}, not {text!r}.")
    return minutes


def offset_min(text: str) -> int:
    """+08:00 -> 480; HostError."""
    minutes = config_text.offset_min(text)
    if minutes is None:
        raise HostError(f"--utc-offset must be such as +08:00, not {text!r}.")
    return minutes


def asked(given: dict[str, Any]) -> dict[str, Any]:
    """Options as they were typed -> fields for the host; HostError."""
    body = {name: given[name] for name in ("mode", "way", "language", "title") if given[name] is not None}
    body |= {field: given[field] for _, field, _ in PLAIN if given[field] is not None}
    listed: list[list[str | int]] = []
    for text in given["price"]:
        label, equals, price = text.rpartition("=")
        if equals:
            listed.append([label.strip(), fen(price.strip(), f"the price of {label.strip()}")])
        elif "price_fen" in body:
            raise HostError("A kiosk has one fixed price: name the others as --price LABEL=88.00.")
        else:
            body["price_fen"] = fen(price, "--price")
    if listed:
        body["prices"] = listed
    if given["max"] is not None:
        body["max_fen"] = fen(given["max"], "--max")
    if given["quiet"] is not None:
        body["quiet"] = [] if given["quiet"] == NEVER else span(given["quiet"], "--quiet", NEVER)
    if given["hours"]:
        always = given["hours"] == (ALWAYS,)
        body["hours"] = [] if always else [span(text, "--hours", ALWAYS) for text in given["hours"]]
    if given["utc_offset"] is not None:
        body["utc_offset_min"] = offset_min(given["utc_offset"])
    return body


def _one(_context: click.Context, option: click.Parameter, given: tuple[Any, ...]) -> Any:
    """What was given, None for nothing; more than one is a mistake, of which the last would win unseen."""
    if len(given) > 1:
        raise click.BadParameter("is given more than once, and a kiosk has one: name it once.", param=option)
    return given[0] if given else None


def once(*names: str, **more: Any) -> Any:
    """click.option() that may stand there once."""
    return click.option(*names, multiple=True, callback=_one, **more)


def options(command: Any) -> Any:
    """The options of asked(), which the command gets as keywords."""
    for name, field, what in reversed(PLAIN):
        command = once(name, field, type=click.IntRange(0), help=what)(command)
    for option in reversed(
        (
            once("--mode", help="fixed, keypad, list, pass, balance, collect or till."),
            once("--way", help="Of mode pass: both, in or out."),
            click.option(
                *("--price", "price"),
                multiple=True,
                metavar="YUAN",
                help='The fixed price; "LABEL=88.00", as often as there are buttons, for mode list.',
            ),
            once("--max", metavar="YUAN", help="The most that may be typed, or come from a till."),
            click.option(
                "--hours", multiple=True, metavar="10:00-22:00", help=f"When it sells, or {ALWAYS}."
            ),
            once("--quiet", metavar="22:00-08:00", help=f"When it makes no sound, or {NEVER}."),
            once("--utc-offset", metavar="+08:00", help="Of the clock that hours are told by."),
            once("--title", help="The shop's name on the idle screen."),
            once("--language", help="Of the screens: zh or en."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("name")
@options
@cli_desk.session_option
def config(name: str, session: Path, **given: Any) -> None:
    """Change what a kiosk is told; what is not named stays. Without an option: what it was told so far."""
    body = asked(given)
    url, token = cli_desk.kept(session)
    path = f"/kiosks/{urllib.parse.quote(name, safe='')}/config"
    if not body:
        for one in reversed(cli_desk.call(url, token, "GET", path, None)["configs"]):
            click.echo(json.dumps(one, ensure_ascii=False))
        return
    made = cli_desk.call(url, token, "PATCH", path, body)
    if made["changed"]:
        click.echo(
            f"{name} has configuration {made['version']}: it takes it when it is online, between sales."
        )
    else:
        click.echo(f"{name} was told just that already.")
