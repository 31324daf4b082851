"""`python -m simulator`: play scenarios, or run the demo with its page."""

import argparse
import sys
from pathlib import Path

_DESCRIPTION = "Simulated cards, readers, kiosks and networks around the real host, broker and firmware."


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=_DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    scenario = commands.add_parser("scenario", help="play scenario files and check what they expect")
    scenario.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a scenario (.scn)")
    scenario.add_argument(
        "-v", "--verbose", action="store_true", help="print every step with its time, and the seed"
    )
    scenario.add_argument("--seed", type=int, default=1, help="seed of cards and network faults (default 1)")
    scenario.add_argument("--keep", type=Path, metavar="DIR", help="leave logs, books and flash images there")
    demo = commands.add_parser("demo", help="run one kiosk, a tray of cards and the page to play with them")
    demo.add_argument(
        "--data", type=Path, default=Path("data"), help="folder of the books and cards (default data)"
    )
    demo.add_argument(
        "--port", type=int, default=None, help="port of the page (default $PORT or 8321; 0 = any)"
    )
    demo.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    for command in (scenario, demo):
        command.add_argument(
            "--broker",
            choices=("mosquitto", "mosquitto-tls", "iotcore"),
            default=None,
            help="default: mosquitto if installed",
        )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command -> exit code. argparse itself ends with 2 on wrong usage."""
    given = _arguments().parse_args(argv)
    # Readers, displays and pages share this process: a reader must get its turn within a few milliseconds.
    sys.setswitchinterval(0.001)
    if given.command == "scenario":
        from simulator.scenario import command

        return command.run(given.files, given.verbose, given.seed, given.broker, given.keep)
    from simulator.demo import run

    return run(given.data, given.port, given.broker, opens=not given.no_open)


if __name__ == "__main__":
    sys.exit(main())
