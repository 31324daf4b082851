"""The station interface."""

import network


def station(ssid: str, password: str) -> network.WLAN:
    """The chip's Wi-Fi station, joining a network; the chip joins again by itself when it was lost."""
    wlan = network.WLAN(network.WLAN.IF_STA)
    wlan.active(True)
    if password:
        wlan.connect(ssid, password)
    else:
        wlan.connect(ssid)
    return wlan
