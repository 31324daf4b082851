"""Draws every screen of the kiosk by its real painter and shows what changed: `python -m tools.screens`
(make screens).

Writes build/screens/index.html: what differs from the pictures that were accepted, old beside new beside the
difference, and below it all the others. `--accept` writes their hashes to
tests/firmware/screens/hashes.json, which a test compares. Old pictures are those that an earlier run left
in build/, else drawn from the last commit's sources.
"""

import argparse
import hashlib
import html
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

from tools import font

ROOT = Path(__file__).resolve().parent.parent
SCREENS = Path("tests/firmware/screens")
HASHES = SCREENS / "hashes.json"
OUT = ROOT / "build" / "screens"
_STYLE = """body{font:15px
system-ui;margin:2em;background:#f4f4f2;color:#222}figure{display:inline-block;margin:.5em}
img{display:block;width:240px;image-rendering:pixelated;border:1px solid #888;background:#000}
figcaption{font-size:12px;max-width:240px}.changed{background:#fff;padding:.5em;margin:.5em 0}
"""


@dataclass(frozen=True)
class Picture:
    """One screen: `pixels` as the display got them, big-endian RGB565 or pages of 8 rows with the lowest
    bit on top.
    """

    name: str
    width: int
    height: int
    bits: int
    pixels: bytes

    @property
    def hash(self) -> str:
        """Of what a person sees."""
        return hashlib.sha256(f"{self.width} {self.bits} ".encode() + self.pixels).hexdigest()[:16]

    def rgb565(self) -> bytes:
        """Two bytes a pixel, row by row, for either display."""
        if self.bits == 16:
            return self.pixels
        rows = (
            self.pixels[row // 8 * self.width + column] >> row % 8 & 1
            for row in range(self.height)
            for column in range(self.width)
        )
        return b"".join(b"\xff\xff" if bit else b"\0\0" for bit in rows)

    def image(self) -> Image.Image:
        """To look at."""
        wide = self.rgb565()
        values = (wide[at] << 8 | wide[at + 1] for at in range(0, len(wide), 2))
        image = Image.new("RGB", (self.width, self.height))
        image.putdata([(v >> 11 << 3, (v >> 5 & 63) << 2, (v & 31) << 3) for v in values])
        return image


def interpreter() -> str:
    """The MicroPython that pip installed, else one on PATH."""
    beside = Path(sys.executable).with_name("micropython")
    return str(beside) if beside.is_file() else "micropython"


def render(root: Path = ROOT, fonts: dict[str, bytes] | None = None) -> list[Picture]:
    """All screens of the sources below `root`. Raises ValueError with MicroPython's own words."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (fonts or font.build_all(root / font.TEXTS.relative_to(ROOT))).items():
            Path(folder, name).write_bytes(content)
        path = ":".join([str(root / "firmware"), str(root), str(root / SCREENS), ".frozen"])
        command = [interpreter(), str(root / SCREENS / "render.py"), folder]
        done = subprocess.run(command, env={"MICROPYPATH": path}, capture_output=True)
    if done.returncode:
        raise ValueError(f"the screens can't be drawn: {(done.stderr or done.stdout[-2000:]).decode()}")
    return list(_pictures(io.BytesIO(done.stdout)))


def _pictures(stream: io.BytesIO) -> Iterator[Picture]:
    while line := stream.readline():
        name, width, height, bits, size = json.loads(line)
        yield Picture(name, width, height, bits, stream.read(size))


def accepted(root: Path = ROOT) -> dict[str, str]:
    """Name -> hash of the pictures that somebody looked at; empty before the first time."""
    path = root / HASHES
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def differences(pictures: list[Picture], known: dict[str, str]) -> list[str]:
    """Names of screens that are new, look different or are gone."""
    now = {picture.name: picture.hash for picture in pictures}
    return sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))


def _committed() -> dict[str, Image.Image]:
    """The pictures of the last commit, drawn from its sources; none where it has no screens to draw."""
    parts = ["firmware", "protocol/__init__.py", str(SCREENS)]
    packed = subprocess.run(["git", "archive", "HEAD", *parts], cwd=ROOT, capture_output=True)
    if packed.returncode:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        try:
            return {picture.name: picture.image() for picture in render(Path(folder))}
        except ValueError:
            return {}


def _figure(name: str, path: str) -> str:
    return (
        f'<figure><img src="{html.escape(path)}" alt=""><figcaption>{html.escape(name)}</figcaption></figure>'
    )


def page(pictures: list[Picture], known: dict[str, str], out: Path = OUT) -> Path:
    """Write the page with its pictures -> its path."""
    kept = out / "pictures"
    kept.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        if not (kept / f"{picture.hash}.png").exists():
            picture.image().save(kept / f"{picture.hash}.png")
    now = {picture.name: picture.hash for picture in pictures}
    changed = differences(pictures, known)
    before = [name for name in changed if name in known and not (kept / f"{known[name]}.png").exists()]
    for name, image in (_committed() if before else {}).items():
        if name in before:
            image.save(kept / f"{known[name]}.png")
    body = [f"<h1>Screens: {len(changed)} changed, {len(now)} in all</h1>"]
    for name in changed:
        shown = []
        old, new = (kept / f"{hashes.get(name)}.png" for hashes in (known, now))
        for word, path in (("old", old), ("new", new)):
            if path.exists():
                shown.append(_figure(f"{word}: {name}", f"pictures/{path.name}"))
        if old.exists() and new.exists():
            difference = kept / f"{old.stem}-{new.stem}.png"
            with Image.open(old) as first, Image.open(new) as second:
                ImageChops.difference(first, second).save(difference)
            shown.append(_figure("difference", f"pictures/{difference.name}"))
        body.append(f'<div class="changed">{"".join(shown)}</div>')
    body.append("<h2>All</h2>")
    body += [_figure(picture.name, f"pictures/{picture.hash}.png") for picture in pictures]
    target = out / "index.html"
    text = (
        f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{_STYLE}</style>{"".join(body)}'
    )
    target.write_text(text, encoding="utf-8")
    return target


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.screens", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="these pictures are right: keep their hashes")
    options = parser.parse_args(arguments)
    try:
        pictures = render()
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    known = accepted()
    target = page(pictures, known)
    changed = differences(pictures, known)
    print(f"{target}: {len(changed)} of {len(pictures)} screens changed")
    if options.accept:
        hashes = {picture.name: picture.hash for picture in pictures}
        (ROOT / HASHES).write_text(json.dumps(hashes, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    elif changed:
        print("Look at them; when they are right: make screens ARGS=--accept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
