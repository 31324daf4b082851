"""Firmware images in the books: whole files, as the build made them, by their version."""

from host import clock
from host.db.connection import Connection
from host.errors import Refused
from protocol.wire import image, image_file

FILE_MAX = image.SIZE + image.LENGTH_MAX


def add(connection: Connection, content: bytes, who: str) -> tuple[int, bool]:
    """Keep an image -> its version, and whether it is new. Refused 400 for what is no image, 409 for another
    image of a version that is there."""
    try:
        version = int(image_file.check(content)["version"])
    except image.ImageError as error:
        raise Refused(400, "no-image", f"That is no firmware image: {error}. Take firmware.img.") from None
    kept = connection.execute("SELECT content FROM firmware_images WHERE version = ?", (version,)).fetchone()
    if kept is not None:
        if bytes(kept["content"]) != content:
            name = image_file.text(version)
            sentence = f"Another image of version {name} is there already: give this one a higher version."
            raise Refused(409, "version-used", sentence)
        return version, False
    connection.insert(
        "firmware_images", "version, content, who, at_s", [(version, content, who, clock.now_s())]
    )
    return version, True


def versions(connection: Connection) -> list[tuple[int, int, str, int]]:
    """[(version, bytes, who brought it, when)], the newest last."""
    rows = connection.execute(
        "SELECT version, length(content) AS size, who, at_s FROM firmware_images ORDER BY version"
    )
    return [(row["version"], row["size"], row["who"], row["at_s"]) for row in rows]


def part(connection: Connection, version: int, offset: int, size: int) -> bytes:
    """What stands at a place in the file; less at its end."""
    row = connection.execute(
        "SELECT substr(content, ?, ?) AS part FROM firmware_images WHERE version = ?",
        (offset + 1, size, version),
    ).fetchone()
    return b"" if row is None else bytes(row["part"])
