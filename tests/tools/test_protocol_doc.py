"""The documents of the protocol are what the message table says, and they can be read by others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from protocol.wire import envelope, kinds, messages
from tools import asyncapi, protocol_doc
from tools.protocol_words import MEANING, PURPOSE, REFUSALS, VERDICTS


def test_the_files_in_docs_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert protocol_doc.main(["--check"]) == 0, capsys.readouterr().out


def test_check_writes_nothing_and_names_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert protocol_doc.main(["--check"], tmp_path) == 1
    assert "protocol.md and asyncapi.yaml" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert protocol_doc.main([], tmp_path) == 0
    assert protocol_doc.main(["--check"], tmp_path) == 0
    page = tmp_path / "protocol.md"
    page.write_text(page.read_text(encoding="utf-8").replace("65535", "65536", 1), encoding="utf-8")
    assert protocol_doc.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().out
    assert "protocol.md" in said and "asyncapi.yaml" not in said


def test_a_change_of_the_table_shows_in_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol_doc.main([], tmp_path)
    name, direction, rows = messages.MESSAGES[messages.SALE]
    changed = (name, direction, tuple((*row[:5], row[5] + 1, row[6]) for row in rows))
    monkeypatch.setitem(messages.MESSAGES, messages.SALE, changed)
    before = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert all(content != before[name] for name, content in protocol_doc.documents().items())


def test_there_is_a_word_for_everything_and_no_word_too_many() -> None:
    rows = messages.MESSAGES.values()
    assert set(PURPOSE) == {name for name, *_ in rows}
    assert set(MEANING) == {field[1] for _name, _direction, fields in rows for field in fields}
    assert tuple(REFUSALS) and set(REFUSALS) == set(envelope.CODES)
    assert sorted(getattr(messages, name) for name in VERDICTS) == list(range(kinds.VERDICT_MAX + 1))


def test_every_field_and_limit_is_on_the_page() -> None:
    page = protocol_doc.documents()["protocol.md"]
    for kind, (name, _direction, fields) in messages.MESSAGES.items():
        section = page.split(f"### {kind} `{name}`")[1].split("\n#")[0]
        for key, field, _what, _unit, low, high, _required in fields:
            row = next(line for line in section.splitlines() if line.startswith(f"| {key} | `{field}`"))
            assert str(low) in row and str(high) in row
    assert "{" not in page


def read(lines: list[tuple[int, str]]) -> Any:
    """A reader of the block YAML that dump() writes: (indent, text) lines of one level and what is below."""
    level = lines[0][0]
    starts = [at for at, (indent, _) in enumerate(lines) if indent == level]
    found: list[tuple[str, Any]] = []
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = re.fullmatch(r'(-|"[^"]*":|[^\s":]+:)(?: (.+))?', lines[at][1])
        assert match is not None, lines[at][1]
        value = json.loads(match[2]) if match[2] else read(lines[at + 1 : end])
        found.append((match[1].removesuffix(":").strip('"'), value))
    return [value for _, value in found] if found[0][0] == "-" else dict(found)


def test_the_yaml_reads_back_as_the_document() -> None:
    text = asyncapi.dump(asyncapi.document())
    lines = [(len(line) - len(line.lstrip(" ")), line.strip()) for line in text.splitlines()]
    assert read(lines) == asyncapi.document()


def test_every_reference_leads_somewhere() -> None:
    tree = asyncapi.document()
    references = re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(tree))
    assert len(references) >= 2 * len(messages.MESSAGES)
    for reference in references:
        node: Any = tree
        for part in reference.split("/"):
            node = node[part]
        assert isinstance(node, dict)
