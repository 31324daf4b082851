"""Stands in for the module `network` of the ESP32 port: the station interface, whose access point the
simulator switches.

Sockets are the port's own, so "connected" here only says what the driver would say; cutting the traffic is
the work of simulator/network.py.
"""

import link

STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP, STAT_NO_AP_FOUND = 1000, 1001, 1010, 201

_access_point = True
_station = None


def set_access_point(up, _unused):
    global _access_point
    _access_point = bool(up)


class WLAN:
    IF_STA = 0

    def __new__(cls, interface=IF_STA):
        # One object, as on the chip.
        global _station
        if interface != cls.IF_STA:
            raise ValueError("invalid WLAN interface identifier")
        if _station is None:
            _station = super().__new__(cls)
            _station._active, _station._ssid = False, None
        return _station

    def __init__(self, interface=IF_STA):
        pass

    def active(self, on=None):
        if on is None:
            return self._active
        self._active = bool(on)
        if not self._active:
            self._ssid = None
        return self._active

    def connect(self, ssid=None, key=None, *, bssid=None):
        if not self._active:
            raise OSError("WiFi Not Started")
        if self._ssid is not None and not self.isconnected():
            raise OSError("Wifi Internal State Error")  # it is joining already
        self._ssid = ssid

    def disconnect(self):
        if not self._active:
            raise OSError("WiFi Not Started")
        self._ssid = None

    def isconnected(self):
        link.poll()
        return self._active and self._ssid is not None and _access_point

    def status(self):
        if self.isconnected():
            return STAT_GOT_IP
        return STAT_IDLE if self._ssid is None else STAT_NO_AP_FOUND

    def ifconfig(self):
        """(address, mask, gateway, name server): the machine below is all of them."""
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
