from collections.abc import Iterator

import pytest

from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminals


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """These tests hold for both."""
    return str(request.param)


@pytest.fixture
def terminals(shop: Shop) -> Iterator[Terminals]:
    made = Terminals(shop)
    yield made
    made.relay.stop()
