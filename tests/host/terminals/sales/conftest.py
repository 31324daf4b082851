import pytest

from host import clock
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.host.terminals.sales.payments import plain_card
from tests.host.terminals.sales.stay import Clock


@pytest.fixture
def hall(shop: Shop, terminals: Terminals) -> Terminal:
    plain_card(shop, 100)
    return terminals.add()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the host's clock so many seconds after the test began."""
    began_s = clock.now_s()

    def set_(seconds: int) -> None:
        monkeypatch.setattr(clock, "now_s", lambda: began_s + seconds)

    set_(0)
    return set_
