"""A host with an image, for the task of a kiosk whose flash is in memory; the chip's modules are rig's."""

import asyncio
import hashlib

from rig import Flash, Off, chooser, on

from protocol.wire import image, updates

SECRET = bytes(range(32))
OLD, NEW = 1000000, 1001000


def rom(size, seed=1):
    """Bytes that stand for a ROM file system."""
    made = bytearray(size)
    for i in range(size):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        made[i] = seed >> 16 & 0xFF
    return bytes(made)


def packed(content, version=NEW, boards=0b11, journal=(1, 0b10)):
    """Header and content."""
    digest = hashlib.sha256(content).digest()
    return image.pack(version, len(content), boards, journal, digest, b"kiosk") + content


def kiosk(before=None):
    """A flash whose first slot has OLD, and runs."""
    flash = on(Flash(before=before))
    put(flash, 0, packed(rom(500, 9), OLD))
    chooser.running = 0
    return flash


def put(flash, slot, content):
    at = chooser.SLOTS_AT + slot * chooser.SLOT_BYTES
    flash.memory[at : at + len(content)] = content


def held(flash, slot, size):
    """What a slot has."""
    at = chooser.SLOTS_AT + slot * chooser.SLOT_BYTES
    return bytes(flash.memory[at : at + size])


class Teller:
    """Nobody is served; state and reason as the test says."""

    def __init__(self):
        self.state, self.reason, self.errand = "CARD_WAIT", "", None
        self.store, self.serving = self, False


class Host:
    """The link, and the host behind it: answers questions with pieces of `content`. spoil(piece): changes
    one.
    """

    def __init__(self, content, rollout=7, secret=SECRET):
        self.content, self.rollout, self.secret = content, rollout, secret
        self.online, self.said, self.asked = True, [], []
        self.task, self.spoil, self.silent = None, None, False

    def offer(self):
        header = self.content[: image.SIZE]
        return {"rollout": self.rollout, "header": header, "mac": updates.mac(self.secret, header)}

    async def ask(self, kind, number, topic, **values):
        assert (number, topic) == (0, "up")
        if not self.online:
            return False
        if kind == updates.UPDATED:
            self.said.append(
                (values["rollout"], values["state"], values["runs"], values["image"], values["reason"])
            )
            return True
        assert kind == updates.WANTED
        self.asked.append(values["offset"])
        if self.silent or values["rollout"] != self.rollout:
            return True
        at = values["offset"]
        for _ in range(values["pieces"]):
            data = self.content[at : updates.piece_end(at)]
            if data:
                piece = {"rollout": self.rollout, "offset": at, "data": data}
                self.task.put(updates.PIECE, self.spoil(piece) if self.spoil else piece)
            at += len(data)
        return True


def updating(host, teller=None):
    """The task of a kiosk, linked to this host."""
    from update.task import Updates

    host.task = Updates(SECRET, 0, host, teller or Teller())
    return host.task


def run(task, wait_ms=20_000):
    """Let it run until the chip is reset; TimeoutError when it is not."""

    async def whole():
        await asyncio.wait_for_ms(task.run(), wait_ms)

    try:
        asyncio.run(whole())
    except Off:
        return
    finally:
        asyncio.new_event_loop()
    raise AssertionError("no restart")
