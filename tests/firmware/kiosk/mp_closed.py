"""Why a kiosk sells nothing: each reason by itself, the worst one first."""

from kiosk.closed import why
from protocol.wire import config


class Kiosk:
    """Teller, settings, journal and front in one."""

    foreign = is_full = worn = False
    fault = ""
    keypad, told = None, True
    looked, open = -1, True
    now_s = 1_800_000_000  # 16:00 in China

    def __init__(self, **values):
        self.settings = self.journal = self.front = self.link = self.age = self
        self.config = dict(config.DEFAULTS, version=1)
        self.config.update(values)

    def full(self):
        return self.is_full

    def clock(self):
        return self.now_s


def test_nothing_is_wrong_with_a_kiosk_that_is_set_up():
    assert why(Kiosk()) == ""


def test_each_reason_is_named():
    kiosk = Kiosk()
    kiosk.is_full = True
    assert why(kiosk) == "full"
    kiosk.worn = True
    assert why(kiosk) == "worn"
    kiosk.foreign = True
    assert why(kiosk) == "other"
    kiosk.config = {}
    assert why(kiosk) == "setup"
    kiosk.fault = "[Errno 19] ENODEV"
    assert why(kiosk) == "display"


def test_a_mode_that_wants_keys_wants_a_keypad():
    for mode in ("keypad", "list"):
        kiosk = Kiosk(mode=mode)
        assert why(kiosk) == "no_keys"
        kiosk.keypad = object()
        assert why(kiosk) == ""
    assert why(Kiosk(mode="till")) == ""


def test_the_shop_closes_and_opens_by_the_minute():
    kiosk = Kiosk(hours=[[960, 962]])
    assert why(kiosk) == ""
    kiosk.now_s += 60
    assert why(kiosk) == ""
    kiosk.now_s += 60
    assert why(kiosk) == "closed"
    kiosk.now_s += 86_400 - 120
    assert why(kiosk) == ""


def test_a_clock_that_nobody_has_set_closes_no_shop():
    """As of a kiosk that was without power and has no network: it begins with the last time it knew."""
    kiosk = Kiosk(hours=[[0, 1]])
    kiosk.told = False
    assert why(kiosk) == ""
    kiosk.told = True
    assert why(kiosk) == "closed"


def test_new_hours_hold_at_once():
    kiosk = Kiosk(hours=[[0, 1]])
    assert why(kiosk) == "closed"
    kiosk.config.update(hours=[[0, 1440]], version=2)
    assert why(kiosk) == ""
