"""Every word of the pages: a file of TOML for each language, by keys with dots, {places} to fill in."""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.datastructures import LanguageAccept

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = {"zh": "中文", "en": "English"}  # each by its own name
FIRST = "zh"


def choose(kept: str | None, accepted: LanguageAccept) -> str:
    """What was switched to, else what the browser prefers, else the first."""
    if kept in LANGUAGES:
        return kept
    for asked, _quality in accepted:
        name = asked.lower().split("-")[0]
        if name in LANGUAGES:
            return name
    return FIRST


@cache
def table(language: str) -> dict[str, str]:
    """{key with dots: text}"""
    return dict(_flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")), ""))


def speaker(language: str) -> Callable[..., str]:
    """text(key, **values): KeyError for a key that is none; with otherwise=..., that instead."""
    words = table(language)

    def text(key: str, otherwise: str | None = None, **values: Any) -> str:
        found = words[key] if otherwise is None else words.get(key, otherwise)
        return found.format(**values) if values else found

    return text


def _flat(content: dict[str, Any], before: str) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    for key, value in content.items():
        made += _flat(value, f"{before}{key}.") if isinstance(value, dict) else [(before + key, value)]
    return made
