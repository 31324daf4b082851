"""Both languages say the same, and every word that a page can ask for is there."""

import ast
import re
import string
from pathlib import Path

import pytest
from werkzeug.datastructures import LanguageAccept

from host.cards import life
from host.desk.words import ACTS
from host.terminals.fleet import config_form
from host.web import forms, kiosk_form, texts

HOST = Path(__file__).resolve().parents[3] / "host"
ZH, EN = texts.table("zh"), texts.table("en")
# Refusals of commands and of messages, which no page meets: of lists, stock, SUN, kiosks, tills, programs.
NOT_ON_PAGES = {"unknown-report", "settled", "no-debit", "counter", "unknown-sale", "malformed", "replayed"}
NOT_ON_PAGES |= {"rolled-back", "pin", "supplier", "count", "listed", "kind"}
NOT_ON_PAGES |= {"kiosk-connected", "kiosk-offline", "kiosk-revoked", "mode", "code"}


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_and_places() -> None:
    assert list(ZH) == list(EN)
    assert {key: places(text) for key, text in ZH.items()} == {key: places(text) for key, text in EN.items()}
    assert all(re.search("[一-鿿]", text) for key, text in ZH.items() if text != "{sentence}")


def test_every_key_that_a_template_names_is_there() -> None:
    asked = set()
    for file in (HOST / "web" / "templates").glob("*.html"):
        asked |= set(re.findall(r"""\bt\("([^"]+)"\s*[,)]""", file.read_text(encoding="utf-8")))
        asked |= set(
            re.findall(r'"((?:page|unfinished|card|about)\.[a-z-]+)"', file.read_text(encoding="utf-8"))
        )
    assert asked and {key for key in asked if key not in ZH} == set()


def test_every_act_field_choice_and_state_has_its_words() -> None:
    wanted = {f"{kind}.{name}" for name in forms.FORMS for kind in ("act", "do", "done", "about")}
    wanted |= {f"act.{name}" for name in ACTS}
    for name, form in forms.FORMS.items():
        for field in form.fields:
            if field.kind != forms.HIDDEN:
                wanted.add(f"field.{field.name}")
            wanted |= {
                f"error.{fault}-{field.kind}" for fault in ("missing", "bad") if field.kind != forms.FLAG
            }
            part = f"{name}." if field.name == "where" else ""
            wanted |= {f"choice.{part}{choice}" for choice in field.choices}
    wanted |= {f"state.{state}" for state in life.STATES}
    assert wanted - set(ZH) == set()


def test_every_field_of_a_kiosk_has_its_words() -> None:
    wanted = {f"kiosk.field.{name}" for name in kiosk_form.KINDS}
    wanted |= {f"error.{kiosk_form.WRONG}{name}" for name in kiosk_form.KINDS}
    wanted |= {f"kiosk.hint.{name}" for name, kind in kiosk_form.KINDS.items() if kind != "choice"}
    wanted |= {f"kiosk.{name}.{one}" for name, all_ in config_form.CHOICES.items() for one in all_}
    wanted |= {f"kiosk.group.{name}" for name in kiosk_form.GROUPS}
    assert wanted - set(ZH) == set()
    assert set(kiosk_form.KINDS) == set(config_form.FIELDS)


def codes() -> set[str]:
    """The words of all refusals that an act, a login or the intake can give."""
    found = set()
    for folder in ("desk", "cards", "operators", "processes/handlers", "intercom"):
        for file in (HOST / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                place = {"Refused": 1, "RegistryError": 0}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    code = node.args[place]
                    if isinstance(code, ast.Constant):
                        found.add(code.value)
    return found


def test_every_refusal_is_said_in_both_languages() -> None:
    found = codes()
    assert len(found) > 40
    missing = {code for code in found if f"refused.{code}" not in ZH} - NOT_ON_PAGES
    assert missing == set()


@pytest.mark.parametrize(
    ("kept", "accepted", "chosen"),
    [
        (None, [], "zh"),
        ("en", [("zh-CN", 1.0)], "en"),
        ("xx", [("en-GB", 0.9), ("zh", 0.5)], "en"),
        (None, [("de", 1.0), ("zh-TW", 0.4)], "zh"),
        (None, [("de", 1.0)], "zh"),
    ],
)
def test_the_language_is_the_one_chosen_else_the_browsers(
    kept: str | None, accepted: list[tuple[str, float]], chosen: str
) -> None:
    assert texts.choose(kept, LanguageAccept(accepted)) == chosen


def test_a_key_that_is_none_is_a_fault_and_what_is_filled_in_is_no_template() -> None:
    say = texts.speaker("en")
    with pytest.raises(KeyError):
        say("no.such")
    assert say("no.such", otherwise="{x}") == "{x}"
    assert say("refused.other", sentence="{x}") == "{x}"
