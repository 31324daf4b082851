from collections.abc import Iterator
from pathlib import Path

import pytest

from host import installation
from host.cards import keeper
from host.cards.keeper import Keeper
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.batch import Batches
from tests.host.cards.keeper import softhsm
from tests.host.cards.keeper.softhsm import LABEL, PIN
from tests.host.rig import Shop


@pytest.fixture
def engine() -> str:
    """Files are searched for keys: those of the books among them."""
    return "sqlite"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = softhsm.module()
    pytest.importorskip("pkcs11")
    monkeypatch.setenv("SOFTHSM2_CONF", "")
    softhsm.make(tmp_path)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir(exist_ok=True)
    return tmp_path / "data"


@pytest.fixture
def kept(data: Path, module: str) -> Keeper:
    return keeper.create(data, PIN, (module, LABEL))


@pytest.fixture
def token_shop(data: Path, module: str, tmp_path: Path) -> Iterator[Shop]:
    """An installation whose keys are in a token."""
    pin = tmp_path / "pin"
    pin.write_bytes(PIN + b"\n")
    installation.init(data, pin, demo=False, token=(module, LABEL))
    opened = installation.open_(data, pin)
    kiosks = Kiosks(opened.database, opened.keeper)
    yield Shop(opened, kiosks, Batches(opened.database, opened.keeper, kiosks))
    opened.database.close()
