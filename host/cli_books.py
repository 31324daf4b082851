"""How commands open the books of a folder, also while a host serves them; faults become sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host.cards.registry import RegistryError
from host.db import engine, schema, whereabouts
from host.db.connection import faults
from host.db.engine import Database
from host.errors import HostError, Refused


@contextmanager
def books(data: Path, read_only: bool = False) -> Iterator[Database]:
    """The books; what is changed there the intake keeps no copy of. HostError for what fails."""
    database = engine.open_existing(whereabouts.place(data), read_only)
    try:
        yield database
    except (Refused, RegistryError) as refused:
        raise HostError(str(refused)) from None
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    finally:
        database.close()
