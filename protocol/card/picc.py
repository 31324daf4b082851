"""The card's side of EV2 messaging, for checking published vectors in both directions.

Not used by any product path and left out of the firmware image; the simulator's card has its own.
"""

from protocol import aes
from protocol.card.apdu import CardError
from protocol.card.ev2 import Session
from protocol.card.layout import COMM_FULL, COMM_PLAIN
from protocol.same import same


def challenge(key: bytes, rnd_b: bytes) -> bytes:
    """The card's first frame, E(K, RndB)."""
    return aes.encrypt_cbc(key, aes.ZERO_IV, rnd_b)


def final(key: bytes, rnd_b: bytes, response: bytes, ti: bytes, pd_cap2: bytes, pcd_cap2: bytes) -> bytes:
    """Check the reader's answer and make the card's last frame."""
    plain = aes.decrypt_cbc(key, aes.ZERO_IV, response)
    rnd_a, turned = plain[:16], plain[16:]
    if not same(turned, rnd_b[1:] + rnd_b[:1]):
        raise CardError("reader does not hold the key")
    return aes.encrypt_cbc(key, aes.ZERO_IV, ti + rnd_a[1:] + rnd_a[:1] + pd_cap2 + pcd_cap2)


def open_command(session: Session, cmd: int, body: bytes, header_size: int, comm: int) -> tuple[bytes, bytes]:
    """A command's body -> (header, plain data); CardError when its MAC is wrong."""
    if comm == COMM_PLAIN:
        return body[:header_size], body[header_size:]
    payload, tag = body[:-8], body[-8:]
    if not same(tag, session.tag(cmd, session.counter, payload)):
        raise CardError("MAC of the command is wrong")
    header, data = payload[:header_size], payload[header_size:]
    if comm == COMM_FULL:
        data = session.decrypt(data, True, session.counter)
    return header, data


def make_reply(session: Session, data: bytes, comm: int, status: int = 0) -> bytes:
    """The answer to the command numbered session.counter."""
    if comm == COMM_PLAIN:
        return data
    counter = session.counter + 1
    if comm == COMM_FULL:
        data = session.encrypt(data, False, counter)
    return data + session.tag(status, counter, data)
