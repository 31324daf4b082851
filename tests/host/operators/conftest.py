from collections.abc import Callable

import pytest

from host import operators
from host.operators import Operator, password
from tests.host.rig import Shop

Added = Callable[..., Operator]
PASSWORD = "a good long word"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """These tests hold for both."""
    return str(request.param)


@pytest.fixture
def added(shop: Shop) -> Added:
    """added(name, *roles, load_limit_fen=...): a person with PASSWORD."""

    def one(name: str, *roles: str, load_limit_fen: int = 50_000, refund_limit_fen: int = 20_000) -> Operator:
        made = Operator(name, roles or ("clerk",), load_limit_fen, refund_limit_fen)
        with shop.opened.database.write() as connection:
            operators.add(connection, made, password.make(PASSWORD), "operator:boss")
        return made

    return one
