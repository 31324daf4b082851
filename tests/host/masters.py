"""The masters of a keeper with a sealed file, for tests that search for them; the keeper gives none."""

from host.cards.keeper import Keeper
from host.cards.keeper.file_store import FileStore


def masters_by_role(kept: Keeper) -> dict[str, dict[int, bytes]]:
    """{role: {version: master}}"""
    assert isinstance(kept.store, FileStore)
    return kept.store._masters


def masters_of(kept: Keeper) -> list[bytes]:
    """All of them."""
    return [key for versions in masters_by_role(kept).values() for key in versions.values()]
