"""Images of the project's own firmware, of other versions, and broken in a way that a test names."""

import re
import shutil
from pathlib import Path

from tools.firmware import ROOT, build
from tools.image import SAYS

END = ""  # where a change is made instead of a text


def variant(folder: Path, version: str, **changes: tuple[str, str]) -> Path:
    """firmware.img of this version, built as `make firmware` does, with frozen.romfs beside it.

    changes: of a module of firmware/, named with _ for /: (a text that it has, or END; what stands there).
    """
    tree = folder / "tree"
    for name in ("firmware", "protocol"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    says = tree / SAYS
    said = says.read_text(encoding="utf-8")
    changed, times = re.subn(r'^FIRMWARE = ".*"$', f'FIRMWARE = "{version}"', said, count=1, flags=re.M)
    assert times == 1
    says.write_text(changed, encoding="utf-8")
    for module, (old, new) in changes.items():
        path = tree / "firmware" / (module.replace("_", "/") + ".py")
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1 or old == END, f"{module} does not say “{old}” once"
        path.write_text(text.replace(old, new) if old else text + "\n\n" + new + "\n", encoding="utf-8")
    build(tree, folder / "out")
    return folder / "out" / "firmware.img"
