"""Fuzz one target, or all in turn: `python -m tests.fuzz [TARGET] [--seconds 60]`.

atheris calls the target with inputs that it changes by what they reach. What is new stays in build/fuzz/. An
input that breaks a promise is written there as crash-...; with its mending it goes into tests/fuzz/corpus/.
"""

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

BUILD = Path("build/fuzz")
CORPUS = Path(__file__).with_name("corpus")
WIRE = ("decode", "check", "open", "raw", "opened")
READER = ("hsu", "chip", "card_blocks", "reader_blocks", "driver")
TARGETS = (*WIRE, "card", *READER)
INSTRUMENTED = [
    "protocol.wire",
    "host.terminals",
    "simulator.reader",
    "simulator.card",
    "drivers.pn532",
]
INPUT_MAX = 4096  # bytes
ONE = "--one"


def run(target: str, seconds: int) -> int:
    """In this process, which atheris ends."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz import targets
    found = BUILD / target
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-max_len={INPUT_MAX}", f"-artifact_prefix={BUILD}/"]
    atheris.Setup(
        ["fuzz", *options, "-print_final_stats=1", str(found), str(CORPUS / target)], targets.TARGETS[target]
    )
    atheris.Fuzz()
    return 0


def main(arguments: list[str]) -> int:
    """The process exit code: 1 when a target broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", choices=[*TARGETS, []], help="all when none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(ONE, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if importlib.util.find_spec("atheris") is None:
        print(
            "atheris has no wheel for this machine; pytest tests/fuzz runs the corpus and seeded mutations."
        )
        return 0
    if given.one:
        return run(given.target[0], given.seconds)
    broken = []
    for target in given.target or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", target, "--seconds", str(given.seconds), ONE]
        if subprocess.run(command).returncode:
            broken.append(target)
    print(f"broken: {', '.join(broken)}; the inputs are in {BUILD}/" if broken else "every promise was kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
