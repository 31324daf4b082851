"""Where the books of a data folder are: in its file, or in a PostgreSQL database that is named there."""

from pathlib import Path

from host.errors import HostError

FILE_NAME = "tapledger.db"
ADDRESS = "database"  # in the data folder: the address of a PostgreSQL database, when it is not a file
SCHEMES = ("postgresql://", "postgres://")


def name_of(where: Path | str) -> str:
    """What people are told of a database: never its password."""
    if isinstance(where, Path):
        return str(where)
    scheme, _, rest = where.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def place(data: Path) -> Path | str:
    """Where the books of a data folder are: the address in its file `database`, else a SQLite file."""
    try:
        address = (data / ADDRESS).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return data / FILE_NAME
    except (OSError, UnicodeError) as error:
        raise HostError(f"{data / ADDRESS} cannot be read: {error}.") from None
    must_be_an_address(address, str(data / ADDRESS))
    return address


def must_be_an_address(text: str, said_by: str) -> None:
    """HostError unless it looks like a PostgreSQL database's."""
    if not text.startswith(SCHEMES):
        raise HostError(f"{said_by} is no address of a PostgreSQL database: postgresql://USER@HOST/NAME.")
