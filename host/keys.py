"""The keys of a data folder: made, opened, and held against the books that they belong to."""

import secrets
from pathlib import Path

from host import private
from host.cards import circulation, keeper
from host.cards.keeper import Keeper, WrongPassphrase
from host.db.engine import Database
from host.errors import HostError

PASSPHRASE = "passphrase"
SETTING = "keys"  # which keys are these books'
Token = tuple[str, str]  # PKCS#11 module, label


def sweep(data: Path) -> None:
    """Remove what processes that were killed left. Nobody may be writing."""
    for name in (PASSPHRASE, keeper.FILE_NAME, keeper.TOKEN_NAME):
        private.sweep(data / name)


def must_be_able(data: Path, passphrase_file: Path | None, demo: bool, token: Token | None) -> None:
    """HostError unless make_or_open has been told enough; nothing is made before."""
    if keeper.exist(data):
        if token is not None and not (data / keeper.TOKEN_NAME).exists():
            raise HostError(f"{data} has its keys in {keeper.FILE_NAME}, and there they stay.")
    elif passphrase_file is None and token is not None:
        raise HostError("Say which file holds the token's PIN: --passphrase-file FILE.")
    elif passphrase_file is None and not demo:
        raise HostError(
            "Say how to seal the keys: --passphrase-file FILE, or --demo for a passphrase made up here."
        )


def make_or_open(
    data: Path, passphrase_file: Path | None, demo: bool, token: Token | None = None
) -> tuple[Keeper, bytes, bool]:
    """(the folder's keys, the passphrase that opens them, whether they are new). HostError."""
    must_be_able(data, passphrase_file, demo, token)
    if keeper.exist(data):
        return *_opened(data, passphrase_file), False
    drawn = passphrase_file is None and not (data / PASSPHRASE).exists()
    if drawn:
        private.write_new(data / PASSPHRASE, secrets.token_urlsafe(24).encode() + b"\n")
    passphrase = read_passphrase(data, passphrase_file)
    return keeper.create(data, passphrase, token, drawn), passphrase, True


def open_(data: Path, passphrase_file: Path | None) -> Keeper:
    """The folder's keys, with every role that this program knows. HostError."""
    opened, _ = _opened(data, passphrase_file)
    if opened.missing():
        raise HostError(
            f"The keys of {data} were made by an older program and lack {', '.join(opened.missing())}: run "
            f"`tapledger init --data {data}` once, it adds them."
        )
    return opened


def open_with_passphrase(data: Path, passphrase_file: Path | None) -> tuple[Keeper, bytes]:
    """The same, and the passphrase, for who changes something. HostError."""
    return open_(data, passphrase_file), read_passphrase(data, passphrase_file)


def _opened(data: Path, passphrase_file: Path | None) -> tuple[Keeper, bytes]:
    passphrase = read_passphrase(data, passphrase_file)
    try:
        return keeper.open_(data, passphrase), passphrase
    except WrongPassphrase:
        kept = data / PASSPHRASE
        if passphrase_file is None or not kept.exists() or kept.samefile(passphrase_file):
            raise
        raise HostError(
            f"{passphrase_file} does not open the keys of {data}: --demo sealed them with {kept}. Leave "
            "--passphrase-file out, or give the keys your own passphrase with `tapledger keys reseal`."
        ) from None


def must_belong(data: Path, database: Database, opened: Keeper) -> None:
    """HostError unless these keys are those of the books."""
    with database.read() as connection:
        row = connection.execute("SELECT value FROM settings WHERE name = ?", (SETTING,)).fetchone()
        newest = circulation.newest(connection)
    if row is None or row["value"] != opened.fingerprint:
        raise HostError(
            f"{data} holds other keys than those of {database.name}: restore the ones that go with these "
            "books from a backup."
        )
    if newest > opened.generation:
        raise HostError(
            f"The keys of {data} end with generation {opened.generation}, and cards have {newest}: they "
            "are from before a rotation. Restore the newest backup of the keys."
        )


def read_passphrase(data: Path, passphrase_file: Path | None) -> bytes:
    """From the file named, else from the one that --demo made."""
    path = passphrase_file or data / PASSPHRASE
    try:
        passphrase = path.read_bytes().strip()
    except FileNotFoundError:
        if passphrase_file is not None:
            raise HostError(f"There is no file {path} with the passphrase: look at its name.") from None
        raise HostError(
            f"There is no passphrase at {path}, only --demo makes one: name its file with --passphrase-file."
        ) from None
    except OSError as error:
        raise HostError(f"The passphrase at {path} cannot be read: {error.strerror}.") from None
    if not passphrase:
        raise HostError(f"The passphrase at {path} is empty.")
    return passphrase
