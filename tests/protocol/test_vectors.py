"""The vectors command as a person meets it: on both Pythons, and with files that are wrong in every way."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from protocol import vectors, vectors_form
from tests.micropython import micropython
from tests.protocol.interpreter import ROOT, run

FILES = sorted((ROOT / "tests" / "data" / "vectors").glob("*.json"))
VECTORS: list[dict[str, Any]] = [
    vector for file in FILES for vector in json.loads(file.read_text(encoding="utf-8"))
]
BY_OP = {vector["op"]: vector for vector in reversed(VECTORS)}


def played(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object) -> tuple[int, list[str]]:
    """Exit code and printed lines for a file with this content (text as it is, all else as JSON)."""
    path = tmp_path / "v.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    code = vectors.main([str(path)])
    return code, capsys.readouterr().out.splitlines()


def changed(op: str, side: str, **values: object) -> dict[str, Any]:
    """The published vector of this op with other values; ... takes one away."""
    vector: dict[str, Any] = copy.deepcopy(BY_OP[op])
    for name, value in values.items():
        if value is ...:
            del vector[side][name]
        else:
            vector[side][name] = value
    return vector


@pytest.mark.parametrize("python", ["cpython", "micropython"])
def test_the_published_vectors_hold(python: str) -> None:
    program = sys.executable if python == "cpython" else micropython()
    done = run(program, "-m", "protocol.vectors", *map(str, FILES))
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[-1] == f"{len(VECTORS)} passed, 0 failed"
    assert lines[:-1] == [f"ok    {vector['name']}" for vector in VECTORS]


@pytest.mark.parametrize("python", ["cpython", "micropython"])
def test_both_pythons_say_the_same_of_a_bad_file(python: str, tmp_path: Path) -> None:
    program = sys.executable if python == "cpython" else micropython()
    path = tmp_path / "bad.json"
    bad = [
        changed("an10922", "out", key="00" * 16),
        {"op": "magic", "in": {"a": "00"}, "out": {"a": "00"}},
        changed("an10922", "in", m="0"),
        changed("an10922", "in", m=...),
        changed("an10922", "in", m="00" * 32),
        changed("ev2-auth", "in", rnd_a="00"),
        changed("ev2-command", "in", ctr=70000),
        7,
        BY_OP["an10922"],
    ]
    path.write_text(json.dumps(bad), encoding="utf-8")
    done = run(program, "-m", "protocol.vectors", str(tmp_path / "none.json"), str(path))
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert lines[0].startswith(f"FAIL  {tmp_path / 'none.json'} cannot be opened")
    expected = [
        "FAIL  AN10922 AES-128: key is A8DD63A3B89D54B37CA802473FDA9175, expected " + "00" * 16,
        "FAIL  vector 2: unknown op magic: expected one of " + ", ".join(sorted(vectors_form.NEEDS)),
        "FAIL  AN10922 AES-128: in.m is not hex: an even number of digits 0-9 A-F",
        "FAIL  AN10922 AES-128: in.m is missing",
        "FAIL  AN10922 AES-128: diversification input must have 1 to 31 bytes",
        "FAIL  AN12343 table 16: in.rnd_a has 1 bytes, expected 16",
        "FAIL  AN12343 table 35 GetValue: in.ctr must be a number from 0 to 65534",
        "FAIL  vector 8: a vector is an object with name, op, in and out",
        "ok    AN10922 AES-128",
        "1 passed, 9 failed",
    ]
    assert lines[1:] == expected


def test_every_op_of_the_form_is_carried_out() -> None:
    assert set(vectors.OPS) | set(vectors.TWO_WAY) == set(vectors_form.NEEDS) == set(BY_OP)


FIELDS = [
    pytest.param(vector, name, id=f"{vector['name']}.{name}")
    for vector in VECTORS
    for name, value in vector["out"].items()
    if value != ""
]


@pytest.mark.parametrize(("vector", "name"), FIELDS)
def test_each_expected_value_is_really_compared(vector: dict[str, Any], name: str) -> None:
    if name == "status":
        wrong: object = "AE"
    elif isinstance(vector["out"][name], str):
        wrong = vector["out"][name][:-1] + ("0" if vector["out"][name][-1] != "0" else "1")
    else:
        wrong = vector["out"][name] + 1 if name == "counter" else not vector["out"][name]
    assert vectors.check(vector) is None
    assert vectors.check({**vector, "out": {**vector["out"], name: wrong}})


def test_an_expected_value_that_the_op_does_not_make() -> None:
    assert vectors.check(changed("an10922", "out", colour="00")) == "colour is None, expected 00"


def test_the_readers_side_of_an_authentication() -> None:
    whole = BY_OP["ev2-auth"]
    given = {name: whole["in"][name] for name in ("key", "rnd_a")}
    given.update({name: whole["out"][name] for name in ("challenge", "final")})
    out = {name: whole["out"][name] for name in ("response", "enc_key", "mac_key")}
    pcd = {"op": "ev2-auth-pcd", "in": given, "out": {**out, "ti": whole["in"]["ti"]}}
    assert vectors.check(pcd) is None
    assert vectors.check({**pcd, "in": {**given, "final": "00" * 32}}) == "card does not hold our key"


@pytest.mark.parametrize("op", ["ev2-command", "ev2-change-key"])
@pytest.mark.parametrize(
    "there", [["apdu"], ["apdu", "status"], ["reply"], ["reply", "status"], ["apdu", "reply_data"]]
)
def test_what_a_two_way_vector_leaves_out_is_not_asked_for(op: str, there: list[str]) -> None:
    vector = copy.deepcopy(BY_OP[op])
    vector["out"] = {name: vector["out"].get(name, "") for name in there}
    assert vectors.check(vector) is None
    for name in there:
        if vector["out"][name] and name != "reply_data":
            wrong = "00" if name != "status" else "0000"
            assert vectors.check({**vector, "out": {**vector["out"], name: wrong}})


def test_a_vector_of_a_status_alone_or_of_nothing_proves_nothing() -> None:
    vector = copy.deepcopy(BY_OP["ev2-command"])
    for out in ({"status": "00"}, {"reply_data": "00"}):
        fault = vectors.check({**vector, "out": out})
        assert fault == "out has neither apdu nor reply to compare with"
    assert vectors.check({**vector, "out": {}}) == "vector needs an object 'out' with something in it"


@pytest.mark.parametrize(
    ("vector", "reason"),
    [
        (None, "a vector is an object"),
        ([], "a vector is an object"),
        ("an10922", "a vector is an object"),
        ({}, "unknown op None"),
        ({"op": ["an10922"]}, "unknown op"),
        ({"op": "an10922"}, "needs an object 'in'"),
        ({"op": "an10922", "in": []}, "needs an object 'in'"),
        ({"op": "an10922", "in": {"key": "00" * 16, "m": "00"}}, "needs an object 'out'"),
        (changed("an10922", "in", key="0"), "in.key is not hex"),
        (changed("an10922", "in", key="zz" * 16), "in.key is not hex"),
        (changed("an10922", "in", key="é" * 32), "in.key is not hex"),
        (changed("an10922", "in", key="00" * 24), "in.key has 24 bytes, expected 16"),
        (changed("an10922", "in", key=7), "in.key must be a hex string"),
        (changed("an10922", "in", key=None), "in.key is missing"),
        (changed("an10922", "out", key="123"), "out.key is not hex"),
        (changed("ev2-command", "in", comm="loud"), "in.comm must be plain, mac or full"),
        (changed("ev2-command", "in", comm=["mac"]), "TypeError"),
        (changed("ev2-command", "in", cmd=""), "in.cmd has 0 bytes, expected 1"),
        (changed("ev2-command", "in", ctr="00"), "in.ctr must be a number"),
        (changed("ev2-command", "in", ctr=True), "in.ctr must be a number"),
        (changed("ev2-command", "in", enc_key=""), "in.enc_key has 0 bytes"),
        (changed("ev2-command", "out", status=""), "out.status must be 1 byte"),
        (changed("ev2-command", "out", status=0), "out.status must be 1 byte"),
        (changed("ev2-command", "out", reply="00"), "MAC of the card's answer is wrong"),
        (changed("ev2-change-key", "in", old="00"), "in.old has 1 bytes"),
        (changed("tmac-session-keys", "in", tmc_before=-1), "in.tmc_before must be a number"),
        (changed("sun-picc", "in", picc_data="00"), "ok is False, expected True"),
        (changed("sun-plain", "in", counter=1 << 24), "in.counter must be a number"),
        (changed("sun-plain", "in", counter=...), "in.counter is missing"),
    ],
)
def test_a_wrong_vector_is_one_clear_line(vector: Any, reason: str) -> None:
    fault = vectors.check(vector)
    assert fault is not None and reason in fault and "\n" not in fault


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "must hold a list"),
        ("7", "must hold a list"),
    ],
)
def test_a_file_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, reason: str
) -> None:
    code, lines = played(tmp_path, capsys, content)
    assert code == 1
    assert len(lines) == 2 and lines[0].startswith("FAIL") and reason in lines[0]
    assert lines[1] == "0 passed, 1 failed"


def test_bytes_that_are_no_text_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "v.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert vectors.main([str(path), str(tmp_path), *map(str, FILES)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "is not JSON" in lines[0] and "cannot be opened" in lines[1]
    assert lines[-1] == f"{len(VECTORS)} passed, 2 failed"


def test_a_name_cannot_break_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = played(tmp_path, capsys, [{**BY_OP["an10922"], "name": "a\nok    b"}])
    assert (code, lines) == (0, ["ok    a ok b", "1 passed, 0 failed"])


def test_no_file_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert vectors.main([]) == 2
    assert "usage" in capsys.readouterr().out
