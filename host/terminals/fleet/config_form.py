"""A kiosk's configuration as somebody asks for it: field by field, on top of what it has by now."""

from dataclasses import replace
from typing import Any

from host import fields
from host.errors import Refused
from host.terminals.fleet import configs, glyphs
from host.terminals.fleet.configs import Config
from protocol.wire import config as wire
from protocol.wire import usable
from protocol.wire.kinds import AMOUNT_FEN_MAX, LABEL_MAX, U32, fits

LANGUAGES = ("zh", "en")
NUMBERS = {
    "price_fen": (1, AMOUNT_FEN_MAX),
    "verdict_wait_ms": (0, 5000),
    "offline_total_fen": (0, U32),
    "offline_card_fen": (0, U32),
    "offline_card_count": (0, U32),
    "offline_max_age_h": (0, wire.AGE_H_MAX),
    "max_fen": (1, AMOUNT_FEN_MAX),
    "utc_offset_min": (-720, 840),
}
CHOICES = {"language": LANGUAGES, "mode": usable.MODES, "way": (configs.BOTH, configs.IN, configs.OUT)}
LISTS = {  # kind in the message table, the most items, what it is
    "prices": (
        "prices",
        wire.PRICES_MAX,
        f"of [label of 1 to {LABEL_MAX} characters ({fields.COUNTED}), amount_fen]",
    ),
    "quiet": ("span", 2, "of two minutes of the day, from and to, or empty"),
    "hours": ("spans", wire.HOURS_MAX, "of [from, to] in minutes of the day"),
}
FIELDS = (*NUMBERS, *CHOICES, *LISTS, "title")
TITLE_COLUMNS, LABEL_COLUMNS = 20, 12  # what a screen of 240 pixels has room for
NEVER_TYPED = 1  # the price of a kiosk that sells at no fixed one


def read(content: dict[str, Any], base: Config | None) -> Config:
    """The configuration with these fields changed; base None: of a new kiosk. Refused 400."""
    if base is None:
        if content.get("mode", "fixed") == "fixed" and "price_fen" not in content:
            raise Refused(400, "field", "A new kiosk of mode fixed has no price yet: give one (price_fen).")
        base = Config(NEVER_TYPED)
    changed = {name: _read(name, content, getattr(base, name)) for name in FIELDS if name in content}
    config = replace(base, **changed)
    _drawn(config)
    wrong = usable.fault(configs.told(config))
    if wrong:
        raise Refused(400, "config", f"No kiosk could work by this: {wrong}.")
    return config


def _read(name: str, content: dict[str, Any], default: Any) -> Any:
    if name in NUMBERS:
        return fields.integer(content, name, *NUMBERS[name], default)
    if name in CHOICES:
        if content[name] not in CHOICES[name]:
            raise Refused(400, "field", f"{name} must be one of {', '.join(CHOICES[name])}.")
        return content[name]
    if name in LISTS:
        kind, most, what = LISTS[name]
        fit = fits(kind, content[name], 0, most)
        if not fit or (name == "prices" and not all(label.strip() for label, _ in content[name])):
            raise Refused(400, "field", f"{name} must be a list of at most {most}, {what}.")
        return configs.frozen(content[name])
    return fields.text(content, name, 0, wire.TITLE_MAX)


def _drawn(config: Config) -> None:
    """Can all its words be drawn, and have they room? Refused."""
    words = [("title", config.title, TITLE_COLUMNS)]
    words += [("label", label, LABEL_COLUMNS) for label, _ in config.prices]
    try:
        for what, text, most in words:
            glyphs.of(text)
            if glyphs.columns(text) > most:
                room = f"{most} Latin or {most // 2} Chinese characters"
                raise Refused(400, "field", f"{what} {text!r} is too wide: a screen has room for {room}.")
        configs.told(config)
    except ValueError as error:
        raise Refused(400, "glyphs", f"A kiosk cannot show this: {error}.") from None
