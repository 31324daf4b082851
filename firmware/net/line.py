"""The way to the host, layer by layer: Wi-Fi, name, TCP, TLS, MQTT, and the host behind it.

Each recovers by itself: what stood below stays, and a layer that fails is tried again after a pause of its
own, which doubles with each failure of this layer and has a random part, so that a shop's kiosks do not come
back all at once. Here is what is known of the way while it stands; net/climb.py goes it.
"""

LAYERS = "wifi dns tcp tls mqtt host"
WIFI, DNS, TCP, TLS, MQTT, HOST, UP = 0, 1, 2, 3, 4, 5, 6


class Line:
    """bundle: as in protocol.wire.bundle; wlan: as in hal; hint_s(seconds): for a time server's word.

    layer: the one that is being worked on. trouble: the layer that failed last and a word for why, until the
    broker takes us. failures: of each layer, since it worked last. address, tried: the one that was good
    last, and the one in use.
    """

    def __init__(self, bundle: dict, wlan, hint_s) -> None:  # type: ignore[no-untyped-def]
        self.bundle, self.wlan, self.hint_s = bundle, wlan, hint_s
        self.layer = WIFI
        self.trouble = self.address = self.tried = ""
        self.failures = bytearray(6)

    def stands(self) -> None:
        """The broker has taken us: its address is good."""
        self.address, self.layer, self.trouble = self.tried, HOST, ""

    def worked(self) -> None:
        """The connection lasted: the next failure of any layer is its first."""
        self.failures = bytearray(6)
