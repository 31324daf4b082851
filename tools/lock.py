"""Works out requirements.lock anew: one file with hashes for every platform and Python 3.11 to 3.14."""

import subprocess
import sys
from pathlib import Path

from tools.setup_env import entries

ROOT = Path(__file__).resolve().parent.parent
COMPILE = ["pip", "compile", "--upgrade", "--universal", "--python-version", "3.11", "--generate-hashes"]
PLAIN = [
    "--quiet",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--system-certs",
]
LOCKS = {
    "requirements.lock": ["pyproject.toml", "--group", "dev"],
    "requirements-pyscard.lock": ["pyproject.toml", "--extra", "pcsc", "--no-deps"],
}


def main() -> int:
    uv = str(Path(sys.executable).parent / "uv")
    for name, options in LOCKS.items():
        command = [uv, *COMPILE, *PLAIN, *options, "--output-file", name]
        subprocess.run(command, cwd=ROOT, check=True)
    pyscard = ROOT / "requirements-pyscard.lock"
    pyscard.write_text(entries(pyscard.read_text())["pyscard"])
    for name in LOCKS:
        if "://" in (ROOT / name).read_text():
            sys.exit(f"{name} names a host, so it would not work behind another registry. Do not commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
