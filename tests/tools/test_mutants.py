"""The tool runs mutmut on a copy: a change that no test notices is named, and a better test kills it."""

from pathlib import Path

import pytest

from tools import mutants
from tools.mutants import Package

MODULE = '''"""Small."""


def rest(whole: int, part: int) -> int:
    """What is left."""
    return whole - part
'''
WEAK = "from protocol.small.rest import rest\n\n\ndef test_rest() -> None:\n    assert rest(4, 0) == 4\n"
STRONG = WEAK.replace("rest(4, 0) == 4", "rest(4, 1) == 3")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with one package of one function, and a test that proves little."""
    for folder in ("protocol/small", "host", "simulator", "tests", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "protocol/small/rest.py").write_text(MODULE)
    (tmp_path / "tests/test_rest.py").write_text(WEAK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mutants, "PACKAGES", {"protocol/small": Package((), ("tests",))})
    return tmp_path


def test_a_survivor_is_named_until_a_test_kills_it(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main([]) == 1
    said = capsys.readouterr().out
    assert "+    return whole + part" in said and "0 of 1 mutants noticed, 0.0 %" in said
    (small / "tests/test_rest.py").rename(small / "tests/test_rests.py")
    (small / "tests/test_rests.py").write_text(STRONG)
    assert mutants.main(["--again"]) == 0
    assert "1 of 1 mutants noticed, 100.0 %" in capsys.readouterr().out
    assert not list(small.glob("build/mutants/**/test_rest.py")), "a test that is gone is not run any more"


def test_tests_that_fail_by_themselves_are_no_score(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "tests/test_rest.py").write_text(STRONG.replace("== 3", "== 5"))
    assert mutants.main(["protocol/small"]) == 1
    assert "did not get through" in capsys.readouterr().out


def test_one_module_of_a_package_is_mutated_alone(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "protocol/small/sum.py").write_text(MODULE.replace("rest", "total").replace("-", "+"))
    assert mutants.main(["protocol/small/rest"]) == 1
    assert "protocol/small/rest: 0 of 1 mutants noticed" in capsys.readouterr().out
    (small / "tests/test_rest.py").write_text(STRONG)
    assert mutants.main(["protocol/small/rest", "--again"]) == 0
    with pytest.raises(SystemExit):
        mutants.main(["protocol/small/product"])
    assert "protocol/small/product: not among protocol/small, nor" in capsys.readouterr().err


def test_a_package_that_is_not_mutated_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        mutants.main(["host/web"])
    assert "not among protocol/wire, host/ledger" in capsys.readouterr().err


def test_sql_tables_and_columns_in_other_letters_are_the_same_and_a_sentence_is_not() -> None:
    assert mutants.is_same('-    "SELECT id FROM cards"', '+    "select id from cards"')
    assert not mutants.is_same('-    "SELECT id FROM cards"', '+    "XXSELECT id FROM cardsXX"')
    assert mutants.is_same('-    row["id"]', '+    row["ID"]')
    assert mutants.is_same(
        '-    connection.insert_flat("cards", rows)', '+    connection.insert_flat("CARDS", rows)'
    )
    assert not mutants.is_same('-    raise Error("no card")', '+    raise Error("NO CARD")')
