"""What a kiosk's configuration brings, taken off the wire: characters, which whoever reads its screen needs,
and what the kiosk is for, whoever chose it.
"""

from typing import Any

from protocol.wire import cbor, config
from protocol.wire.mac import MAC_SIZE
from protocol.wire.usable import font_end
from simulator.screen import Font, FontError
from simulator.unit import KioskUnit

_KIND, _BODY = 5, 6  # in an envelope
_KEYS = {name: key for key, name, *_ in config.MESSAGES[config.CONFIG][2]}


def learn(unit: KioskUnit | None, payload: bytes) -> None:
    """A message to a kiosk: if it is a configuration, its screen is read by the fonts in it from now on,
    and its mode and language are the unit's."""
    if unit is None:
        return
    try:
        envelope: Any = cbor.decode(payload[:-MAC_SIZE])
        if envelope[_KIND] == config.CONFIG:
            body = envelope[_BODY]
            unit.kiosk.learn(_fonts(body.get(_KEYS["glyphs"], b"")))
            unit.language = body.get(_KEYS["language"], unit.language)
            unit.mode = body.get(_KEYS["mode"], unit.mode)
    except (cbor.CborError, FontError, LookupError, TypeError, AttributeError):
        return  # no message of ours: the kiosk will say so


def _fonts(blob: bytes) -> list[Font]:
    found = []
    while blob and (end := font_end(blob)):
        found.append(Font(blob[:end]))
        blob = blob[end:]
    return found
