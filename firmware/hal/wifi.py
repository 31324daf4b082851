"""The station interface."""

import network


def station() -> network.WLAN:
    """The chip's Wi-Fi station, switched on."""
    wlan = network.WLAN(network.WLAN.IF_STA)
    wlan.active(True)
    return wlan
