import pytest

from tests.host.desk.counter import Desk
from tests.host.rig import Shop


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """These tests hold for both."""
    return str(request.param)


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)
