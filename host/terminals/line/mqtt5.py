"""What several workers need of MQTT 5: a session kept for a while, a subscription that they share."""

from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from host.terminals.line.bulk import PACKET_MAX

SESSION_S = 3600  # how long a broker keeps a worker's share; kiosks say again what nobody acknowledged


def kept() -> dict[str, Any]:
    """Arguments of paho's connect()."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.MaximumPacketSize = PACKET_MAX
    return {"clean_start": False, "properties": properties}


def options(topics: list[tuple[str, int]]) -> list[tuple[str, SubscribeOptions]]:
    """The argument of paho's subscribe()."""
    return [(topic, SubscribeOptions(qos)) for topic, qos in topics]
