"""The station interface."""

import network

# numbers of the ESP32 port: network.STAT_...
_WHY = {200: "signal lost", 201: "no such network", 202: "wrong password", 203: "refused", 204: "refused"}


def station() -> network.WLAN:
    """The chip's Wi-Fi station, not yet joining."""
    wlan = network.WLAN(network.WLAN.IF_STA)
    wlan.active(True)
    return wlan


def join(wlan: network.WLAN, ssid: str, password: str) -> None:
    """Begin to join a network, anew if need be; one that it loses later the chip joins again by itself."""
    try:
        wlan.disconnect()
    except OSError:  # it was not joining
        pass
    if password:
        wlan.connect(ssid, password)
    else:
        wlan.connect(ssid)


def why(wlan: network.WLAN) -> str:
    """Why it has not joined, as far as the chip says."""
    return _WHY.get(wlan.status(), "not joined")


def dns_server(wlan: network.WLAN) -> str:
    """The address that the network gave for look-ups."""
    return wlan.ifconfig()[3]
