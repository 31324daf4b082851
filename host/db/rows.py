"""Rows by name or position, whichever engine they come from."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any


class NamedRow(tuple[Any, ...]):
    """row["name"], row[0], dict(row), tuple(row)."""

    names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.names[key] if isinstance(key, str) else key)

    def keys(self) -> Any:
        """The columns' names."""
        return self.names.keys()


@lru_cache(maxsize=512)
def named(names: tuple[str, ...]) -> Callable[[Any], NamedRow]:
    """What makes such a row of its values."""
    return type("NamedRow", (NamedRow,), {"names": {name: at for at, name in enumerate(names)}})
