"""`tapledger update`: firmware images and how they are rolled out, on the machine where the books are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from host import clock
from host.cli_books import books
from host.cli_options import Line, data_option
from host.cli_proof import Proof, proof
from host.db.connection import Connection
from host.errors import HostError
from host.terminals.updates import holds, images, members, newest, rollouts, stages
from host.terminals.updates.rollouts import USUAL
from host.terminals.updates.stages import Limits, Member
from protocol.wire import image_file

T = TypeVar("T")
RIGHT = "updates"
MINUTE_S, HOUR_S = 60, 3600


@click.group("update")
def group() -> None:
    """Firmware of kiosks: add an image, roll it out, look how far it is, stop it."""


@group.command()
@data_option
@proof
@click.argument("file", type=click.Path(path_type=Path))
def add(data: Path, by: Proof, file: Path) -> None:
    """Bring an image into the books: build/firmware/firmware.img."""
    try:
        with file.open("rb") as opened:
            content = opened.read(images.FILE_MAX + 1)
    except OSError as error:
        raise HostError(f"{file} cannot be read: {error.strerror}.") from None
    version, new = _written(data, by, lambda connection, who: images.add(connection, content, who))
    name = image_file.text(version)
    click.echo(f"Version {name} is in the books." if new else f"Version {name} was there already.")


@group.command()
@data_option
@proof
@click.argument("version")
@click.option("--first", required=True, metavar="NAME", help="The kiosk that gets it before all others.")
@click.option(
    "--soak",
    type=click.IntRange(0, 60 * 24 * 30),
    default=USUAL.soak_s // MINUTE_S,
    show_default=True,
    help="Minutes that a confirmed kiosk must be seen well before the next stage.",
)
@click.option(
    "--silent",
    type=click.IntRange(11, 60 * 24 * 30),
    default=USUAL.silent_s // MINUTE_S,
    show_default=True,
    help="Minutes without a word from a kiosk that has just changed, until it counts as failed.",
)
@click.option(
    "--absent",
    type=click.IntRange(1, 24 * 14),
    default=USUAL.absent_s // HOUR_S,
    show_default=True,
    help="Hours for which no kiosk is off in ordinary times. Off for longer it is left out if it has not"
    " begun, and has failed if it has while half of the others are there.",
)
def start(data: Path, by: Proof, version: str, first: str, soak: int, silent: int, absent: int) -> None:
    """Roll a version out: to one kiosk, then a tenth, then all. It stops by itself when kiosks fail."""
    wanted = _number(version)
    limits = Limits(soak * MINUTE_S, silent * MINUTE_S, absent * HOUR_S)
    _written(data, by, lambda connection, who: rollouts.start(connection, wanted, first, who, limits))
    click.echo(f"Version {version} goes to {first} at its next hello.")


@group.command()
@data_option
@proof
@click.option("--reason", type=Line(), default="stopped", show_default=True, help="For the books.")
def stop(data: Path, by: Proof, reason: str) -> None:
    """No kiosk begins any more; who has the new firmware keeps it."""
    version = _written(data, by, lambda connection, who: rollouts.stop(connection, reason, who))
    click.echo(f"The update to {image_file.text(version)} is stopped.")


@group.command()
@data_option
@proof
@click.argument("name")
@click.option("--reason", type=Line(), required=True, help="Why, for the books and for who asks later.")
def hold(data: Path, by: Proof, name: str, reason: str) -> None:
    """Leave kiosk NAME out of this roll-out: it is offered nothing, nobody waits for it. The next has it."""
    version, new = _written(data, by, lambda connection, who: holds.hold(connection, name, reason, who))
    again = "" if new else " already"
    click.echo(f"{name} is held back from {image_file.text(version)}{again}: the next roll-out has it in.")


@group.command()
@data_option
def status(data: Path) -> None:
    """Images, and how far the last roll-out is."""
    with books(data, read_only=True) as database, database.read() as connection:
        for version, size, who, at_s in images.versions(connection):
            click.echo(f"{image_file.text(version):10} {size:7} bytes  {clock.text(at_s)}  by {who}")
        last = newest.last(connection)
        if last is None:
            click.echo("Nothing was ever rolled out.")
            return
        click.echo(f"{image_file.text(last.rollout.version)} {last.how}")
        known = list(members.members(connection, last.rollout.id).values())
        for stage, name in enumerate(stages.STAGES):
            for line in _stage([one for one in known if one.stage == stage], last.rollout.limits, name):
                click.echo(line)
        for one in holds.holds(connection, last.rollout.id):
            click.echo(f"  {one.name} is held back since {clock.text(one.at_s)}, by {one.who}: {one.reason}")


def _stage(there: list[Member], limits: Limits, name: str) -> Iterator[str]:
    """Lines about a stage that has begun."""
    if not there:
        return
    confirmed = sum(one.confirmed_s is not None for one in there)
    seen = sum(one.is_proven(limits.soak_s) for one in there)
    yield f"  {name}: {confirmed} of {len(there)} confirmed, {seen} of them seen well since"
    now_s = clock.now_s()
    for one in there:
        fault = one.fault(now_s, limits)
        last = clock.text(one.heard_s) if one.heard_s else "never"
        if fault:
            yield f"    {one.name} failed: {fault}"
        elif one.is_left_out(now_s, limits):
            yield f"    {one.name} is off, no other waits for it; last heard of: {last}"
        elif one.is_proven(limits.soak_s):
            continue
        elif one.confirmed_s is None or now_s - one.silent_since_s() > limits.silent_s:
            yield f"    {one.name} is waited for; last heard of: {last}"


def _number(version: str) -> int:
    try:
        return image_file.number(version)
    except ValueError as error:
        raise HostError(f"{version[:32]} is no version: {error}.") from None


def _written(data: Path, by: Proof, act: Callable[[Connection, str], T]) -> T:
    with books(data) as database:
        who = by.who(data, database, RIGHT)
        with database.write() as connection:
            return act(connection, who)
