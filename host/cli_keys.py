"""`tapledger keys`: make, look at, rotate, export and seal anew the master keys of a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from host import folder, installation, key_acts, keys, private
from host.cards import circulation, keeper
from host.cards.keeper import KIOSK_ROLES, ROLES
from host.cli_options import data_option, demo_option, token_of, token_options
from host.cli_persons import login, two_persons
from host.cli_proof import secret
from host.db import schema
from host.db.connection import faults
from host.errors import HostError, Refused
from host.fields import COUNTED
from host.installation import Installation
from host.terminals.fleet import revoked

_file = click.Path(path_type=Path)
_passphrase = click.option(
    "--passphrase-file", type=_file, help="File with the passphrase of the keys, or with the token's PIN."
)
_new_passphrase = click.option(
    "--new-passphrase-file", type=_file, help="The other passphrase, instead of being asked for it."
)
PASSPHRASE_MIN = 8


@click.group("keys")
def group() -> None:
    """Master keys: init, status, rotate, export, reseal. See docs/keys.md."""


@group.command()
@data_option
@_passphrase
@demo_option
@token_options
def init(
    data: Path, passphrase_file: Path | None, demo: bool, pkcs11_module: str | None, label: str | None
) -> None:
    """Make the keys, and what the books need with them; again adds what a newer program has besides."""
    made = installation.init(data, passphrase_file, demo, token=token_of(pkcs11_module, label))
    click.echo(f"The keys of {data} are ready." if made else "The keys were ready already; nothing changed.")


@group.command()
@data_option
@_passphrase
def status(data: Path, passphrase_file: Path | None) -> None:
    """Roles and versions, how many active cards have which, and what was done with the keys."""
    with _opened(data, passphrase_file) as opened, opened.database.read() as connection:
        for role in ROLES.values():
            versions = ", ".join(str(version) for version in opened.keeper.store.versions(role.name))
            click.echo(f"{role.name:15} version {versions:12} {role.purpose}")
        newest = opened.keeper.generation
        for generation in circulation.generations(connection, newest):
            count = circulation.cards(connection, generation)
            click.echo(f"generation {generation}: {count} active purse cards")
        for line in key_acts.history(connection):
            click.echo(line)


@group.command()
@data_option
@click.argument("roles", nargs=-1)
@click.option("--stolen-kiosk", metavar="NAME", help="Revoke it, and rotate what it held.")
@click.option("--leave-behind", is_flag=True, help="Also when cards are left that no kiosk takes any more.")
@_passphrase
@two_persons
def rotate(
    data: Path,
    roles: tuple[str, ...],
    stolen_kiosk: str | None,
    leave_behind: bool,
    passphrase_file: Path | None,
    first_file: Path | None,
    second_file: Path | None,
) -> None:
    """A new version of these roles for new cards; old cards get it at their next tap at a desk. Stop the host
    before."""
    wanted = list(dict.fromkeys((*roles, *(KIOSK_ROLES if stolen_kiosk else ()))))
    if not wanted:
        raise HostError("Say which roles: for example `tapledger keys rotate debit read`.")
    with _opened(data, passphrase_file) as opened, folder.lock(data), installation.alone(data):
        passphrase = keys.read_passphrase(data, passphrase_file)
        opened.keeper.must_rotate(wanted)
        with opened.database.read() as connection:
            left = circulation.left_behind(connection, opened.keeper, wanted)
        if left and not leave_behind:
            raise HostError(
                f"{left} active cards would have keys that no kiosk holds any more: move them at a desk "
                "first, or say --leave-behind, and they pay again after a tap there."
            )
        by = key_acts.approved(opened.database, login("first", first_file), login("second", second_file))
        with opened.database.write() as connection:
            if stolen_kiosk:
                revoked.revoke(connection, stolen_kiosk, "stolen", by[0].owner)
            detail = f"{', '.join(wanted)}: generation {opened.keeper.generation + 1}"
            key_acts.note(connection, "rotate", detail, by)
        generation = opened.keeper.rotate(wanted, passphrase)
    click.echo(
        f"Generation {generation} has begun: {', '.join(wanted)}. Back the keys up anew, then start the "
        "host: it gives kiosks their part."
    )


@group.command()
@data_option
@click.argument("output", type=_file)
@_passphrase
@_new_passphrase
@two_persons
def export(
    data: Path,
    output: Path,
    passphrase_file: Path | None,
    new_passphrase_file: Path | None,
    first_file: Path | None,
    second_file: Path | None,
) -> None:
    """All masters into OUTPUT, a key file under another passphrase: a backup, or for a second site."""
    with _opened(data, passphrase_file) as opened:
        opened.keeper.must_be_exportable()
        if output.exists():
            raise HostError(f"{output} exists already; keys are never overwritten.")
        new = _new(data, new_passphrase_file, passphrase_file)
        by = key_acts.approved(opened.database, login("first", first_file), login("second", second_file))
        with opened.database.write() as connection:
            key_acts.note(connection, "export", f"all, generation {opened.keeper.generation}", by)
        try:
            private.write_new(output, opened.keeper.exported(new))
        except OSError as error:
            raise HostError(f"{output} cannot be written: {error.strerror}.") from None
    click.echo(
        f"{output} holds all keys under the new passphrase; it is opened as {keeper.FILE_NAME} of a folder."
    )


@group.command()
@data_option
@_passphrase
@_new_passphrase
def reseal(data: Path, passphrase_file: Path | None, new_passphrase_file: Path | None) -> None:
    """Another passphrase for the same keys; who knows the old one may."""
    with _opened(data, passphrase_file) as opened, installation.alone(data):
        opened.keeper.must_be_exportable()
        opened.keeper.seal_anew(_new(data, new_passphrase_file, passphrase_file))
    kept = data / keys.PASSPHRASE
    if new_passphrase_file is None or not (kept.exists() and kept.samefile(new_passphrase_file)):
        kept.unlink(missing_ok=True)  # that of --demo opens nothing any more
    click.echo("The keys have another passphrase. Files that were copied before open with the old one still.")


@contextmanager
def _opened(data: Path, passphrase_file: Path | None) -> Iterator[Installation]:
    opened = installation.open_(data, passphrase_file)
    try:
        yield opened
    except Refused as refused:
        raise HostError(str(refused)) from None
    except faults() as error:
        raise schema.unusable(opened.database.name, error) from None
    finally:
        opened.database.close()


def _new(data: Path, file: Path | None, old: Path | None) -> bytes:
    if file is not None:
        new = keys.read_passphrase(data, file)
    else:
        new = secret("New passphrase of the keys", None, new=True).strip().encode()
    if len(new) < PASSPHRASE_MIN:
        raise HostError(f"A passphrase has at least {PASSPHRASE_MIN} characters, {COUNTED}.")
    if new == keys.read_passphrase(data, old):
        raise HostError("That is the passphrase that the keys have: choose another one.")
    return new
