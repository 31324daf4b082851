"""Stands in for the module `network` of the ESP32 port: one station interface whose access point the
simulator switches.

Sockets are the port's own, so "connected" here only says what the driver would say; cutting the traffic is
the work of simulator/network.py.
"""

import link

STA_IF = 0
AP_IF = 1

STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_BEACON_TIMEOUT = 200
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204

_access_point = True
_mac = b"\x00" * 6
_interfaces = {}


def set_access_point(up, _unused):
    global _access_point
    _access_point = bool(up)


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF

    def __new__(cls, interface=STA_IF):
        if interface not in (STA_IF, AP_IF):
            raise ValueError("invalid WLAN interface identifier")
        if interface not in _interfaces:
            wlan = super().__new__(cls)
            wlan._active, wlan._ssid, wlan._settings = (
                False,
                None,
                {"reconnects": -1, "hostname": "mpy-esp32"},
            )
            _interfaces[interface] = wlan
        return _interfaces[interface]

    def __init__(self, interface=STA_IF):
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
        self._ssid = ssid

    def disconnect(self):
        self._ssid = None

    def isconnected(self):
        link.poll()
        return self._active and self._ssid is not None and _access_point

    def status(self, what=None):
        link.poll()
        if what == "rssi":
            return -50
        if what is not None:
            raise ValueError("unknown status param")
        if self._ssid is None:
            return STAT_IDLE
        return STAT_GOT_IP if _access_point else STAT_NO_AP_FOUND

    def ifconfig(self, settings=None):
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def config(self, what=None, **settings):
        if what is None:
            self._settings.update(settings)
            return None
        if what == "mac":
            return _mac
        if what in ("ssid", "essid"):
            return self._ssid or ""
        if what not in self._settings:
            raise ValueError("unknown config param")
        return self._settings[what]
