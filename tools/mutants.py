"""Mutation testing: `python -m tools.mutants [PACKAGE or PACKAGE/MODULE] [--again]`.

mutmut changes the code in one small way after the other; a change that no test notices has survived. The exit
code is 1 when fewer than SCORE_MIN percent were noticed.

It works in a copy below build/mutants/. What is mutated and what is left out: docs/decisions/0009-mutants.md.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from mutmut.stats import status_by_exit_code

BUILD = Path("build/mutants")
SCORE_MIN = 90
COPIED = ("protocol", "host", "simulator", "tests", "docs")
SQL = re.compile(
    r"\b(SELECT|(INSERT|UPDATE)(_FLAT)?|FROM|WHERE|VALUES|ORDER BY|RETURNING|ON CONFLICT|AND|JOIN)\b"
    r"""|\["\w+"\]""",
    re.IGNORECASE,
)
NOTICED = ("killed", "timeout", "segfault", "caught by type check")
SETTINGS = """\
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--import-mode=importlib --strict-markers -p no:cacheprovider --hypothesis-profile=mutants"

[tool.mutmut]
source_paths = {sources}
only_mutate = {mutated}
do_not_mutate = {left_out}
also_copy = {copied}
pytest_add_cli_args_test_selection = {tests}
timeout_multiplier = 5.0
use_git_change_detection = false
"""


# The same examples for each mutant, and few: it is the tests that are measured, not their luck.
CONFTEST = """\
from hypothesis import settings

settings.register_profile("mutants", max_examples=25, deadline=None, derandomize=True, database=None)
"""


class Package(NamedTuple):
    """left_out: modules that are not mutated; tests: those that run within mutmut's own process."""

    left_out: tuple[str, ...]
    tests: tuple[str, ...]


# Too long for each of thousands of mutants: of verify, of several processes, of a state machine.
ELSEWHERE = ("test_verify*", "test_counters", "test_parts", "test_tampered", "test_bank", "test_model")
PACKAGES = {
    "protocol/wire": Package((), ("tests/protocol/wire",)),
    # What only reads the books is left to tests of its own: verify damages each row and wants it named.
    "host/ledger": Package(
        ("verify/*.py",),
        ("tests/host/ledger", "-k", "not postgres", *(f"--ignore-glob=*/{name}.py" for name in ELSEWHERE)),
    ),
}


def package_of(name: str) -> str | None:
    """The package that is meant: by its own name, or by that of one of its modules."""
    inside = (Path(name).parent.as_posix() in PACKAGES) and Path(f"{name}.py").is_file()
    return name if name in PACKAGES else Path(name).parent.as_posix() if inside else None


def prepare(name: str, package: Package, folder: Path) -> None:
    """The copy that mutmut works in; what an earlier run left is overwritten."""
    source, whole = name.split("/")[0], package_of(name)
    for copied in COPIED:
        target = folder / copied
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(copied, target, ignore=shutil.ignore_patterns("__pycache__", "bench"))
        if copied != source:  # mutmut's own copy, where a test that is gone would stay; beside its verdicts
            shutil.rmtree(folder / "mutants" / copied, ignore_errors=True)
    settings = SETTINGS.format(
        sources=json.dumps([source]),
        mutated=json.dumps([f"{name}/*.py" if name == whole else f"{name}.py"]),
        left_out=json.dumps([f"{whole}/{module}" for module in package.left_out]),
        copied=json.dumps(["conftest.py", *(copied for copied in COPIED if copied != source)]),
        tests=json.dumps(package.tests),
    )
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")


def verdicts(name: str, folder: Path) -> dict[str, str]:
    """{mutant: what became of it}, as mutmut noted it."""
    found: dict[str, str] = {}
    for meta in sorted((folder / "mutants" / str(package_of(name))).glob("*.meta")):
        for mutant, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            found[mutant] = status_by_exit_code[code]
    return found


def changed(folder: Path, mutant: str) -> tuple[str, str]:
    """The lines of a mutant before and after."""
    lines = [line for line in mutmut(folder, "show", mutant).splitlines() if line[:3] not in ("---", "+++")]
    before, after = ("\n".join(line for line in lines if line.startswith(sign)) for sign in "-+")
    return before, after


def is_same(before: str, after: str) -> bool:
    """SQL and names of columns in capitals or small letters are the same to SQLite."""
    return SQL.search(before) is not None and before[1:].casefold() == after[1:].casefold()


def survivors(name: str, folder: Path) -> list[str]:
    """Mutants that nothing noticed."""
    return [mutant for mutant, verdict in verdicts(name, folder).items() if verdict not in NOTICED]


def mutmut(folder: Path, *arguments: str) -> str:
    """Run it there; what it printed."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (folder / "mutmut.log").write_text(done.stdout, encoding="utf-8")
    return done.stdout if done.returncode == 0 else ""


def run(name: str, again: bool, children: int) -> float:
    """Mutate a package or module and test; the score in percent. again: only what survived the last run."""
    folder = BUILD / name.replace("/", ".")
    chosen = survivors(name, folder) if again else []
    if not again:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    prepare(name, PACKAGES[str(package_of(name))], folder)
    if chosen or not again:
        mutmut(folder, "run", "--max-children", str(children), *chosen)
    found = verdicts(name, folder)
    if not found or "not checked" in found.values():
        print(f"{name}: mutmut did not get through; see {folder}/mutmut.log")
        return 0.0
    noticed = len(found) - len(survivors(name, folder))
    total = noticed
    for mutant in survivors(name, folder):
        before, after = changed(folder, mutant)
        if not is_same(before, after):
            total += 1
            print(f"{mutant}: {found[mutant]}\n{before}\n{after}")
    score = 100 * noticed / total
    print(f"{name}: {noticed} of {total} mutants noticed, {score:.1f} %")
    return score


def main(arguments: list[str]) -> int:
    """The process exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument(
        "package",
        nargs="*",
        help=f"of {', '.join(PACKAGES)}, or a module (host/ledger/purse); none: all packages",
    )
    parser.add_argument("--again", action="store_true", help="only what survived the last run")
    parser.add_argument("--children", type=int, default=2, help="processes at a time")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.package if package_of(name) is None]
    if unknown:
        parser.error(f"{', '.join(unknown)}: not among {', '.join(PACKAGES)}, nor one of their modules")
    scores = {name: run(name, given.again, given.children) for name in given.package or PACKAGES}
    low = [name for name, score in scores.items() if score < SCORE_MIN]
    if low:
        print(f"below {SCORE_MIN} %: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
