"""Type check of firmware/ and protocol/ against MicroPython's own stubs: `python -m tools.check_firmware`.

The stubs of micropython-esp32-stubs describe the modules of the ESP32 port, a `time` with ticks_ms and an
`asyncio` with sleep_ms. They are installed beside CPython packages, where mypy would not use them as the
standard library, so a folder of links is made of exactly the files that the two stub packages own.
"""

import os
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / "build" / "stubs"
PACKAGES = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
# silent: faults inside the stubs themselves are not ours to see. "abstract" is off because the stubs declare
# the file systems of vfs abstract; "var-annotated" because an empty dict may stay bare on a small machine;
# strict_optional because what is made later starts as None: self.client: "Client" = None
OPTIONS = """\
[mypy]
platform = linux
follow_imports = silent
follow_imports_for_stubs = True
disable_error_code = abstract, var-annotated
no_site_packages = True
explicit_package_bases = True
check_untyped_defs = True
disallow_untyped_defs = True
disallow_incomplete_defs = True
strict_optional = False
warn_unused_configs = True
no_implicit_reexport = False
[mypy-cryptography.*,hmac]
ignore_missing_imports = True
"""


def link_stubs(target: Path) -> None:
    """Fill `target` with links to every stub file; a stale link of an older environment is replaced."""
    for package in PACKAGES:
        for file in files(package) or []:
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                link = target / str(file)
                source = Path(str(file.locate()))
                link.parent.mkdir(parents=True, exist_ok=True)
                if not link.is_symlink() or link.readlink() != source:
                    link.unlink(missing_ok=True)
                    link.symlink_to(source)


def check(root: Path, stubs: Path) -> int:
    """mypy's exit code for firmware/ and protocol/ below `root`."""
    link_stubs(stubs)
    config = stubs / "mypy.ini"
    config.write_text(OPTIONS)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(config),
        "--custom-typeshed-dir",
        str(stubs),
    ]
    command += [
        "--cache-dir",
        str(stubs.parent / "mypy-firmware"),
        str(root / "firmware"),
        str(root / "protocol"),
    ]
    path = os.pathsep.join(str(part) for part in (stubs, root / "firmware", root))
    return subprocess.run(command, cwd=root, env={**os.environ, "MYPYPATH": path}).returncode


if __name__ == "__main__":
    sys.exit(check(ROOT, STUBS))
