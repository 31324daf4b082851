"""A disk that takes nothing more: a clear sentence, nothing acknowledged, nothing booked by half.

Here a file may not grow, or not be written; test_mounts.py has real disks.
"""

import resource
import sys
from collections.abc import Callable

import pytest

from host.db.whereabouts import FILE_NAME
from host.errors import HostError
from host.processes import alone
from simulator.broker import Broker
from simulator.leash import Leash
from tests.host.full import goes_on_after
from tests.host.process import Host
from tests.host.rig import Shop


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


@pytest.mark.skipif(sys.platform != "linux", reason="no other system sets limits from outside")
def test_a_file_that_may_not_grow_is_said_and_when_it_may_it_goes_on(
    shop: Shop, broker: Broker, leash: Leash
) -> None:
    def fill_up(host: Host) -> Callable[[], object]:
        limits = resource.prlimit(host.pid("intake"), resource.RLIMIT_FSIZE)
        size = (shop.opened.data / f"{FILE_NAME}-wal").stat().st_size
        resource.prlimit(host.pid("intake"), resource.RLIMIT_FSIZE, (size, limits[1]))
        return lambda: resource.prlimit(host.pid("intake"), resource.RLIMIT_FSIZE, limits)

    goes_on_after(fill_up, shop, broker, leash)


def test_a_file_that_lets_us_read_only_is_not_served(shop: Shop) -> None:
    shop.opened.database.close()
    opened = shop.opened.database
    with opened.write() as connection:
        connection.execute("PRAGMA query_only=1")  # to SQLite the same as rights that root would not feel
    with pytest.raises(HostError, match=r"readonly database.*Check the disk"):
        alone.must_be_writable(opened)
