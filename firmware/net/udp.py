"""One question, one answer over UDP: DNS (RFC 1035) for the broker's address, SNTP (RFC 4330) for a date."""

import asyncio
import errno
import os
import socket
import struct

from hal.duty import readable, within

ANSWER_MS = 3000
DNS_PORT, NTP_PORT = 53, 123
_A, _IN = 1, 1
_EPOCH_S = 2_208_988_800  # 1970 counted from 1900


async def ask(address: str, question: bytes, port: int = 0) -> bytes | None:
    """The first datagram that comes back; None: none did. port: DNS_PORT unless it is said."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.connect(
            socket.getaddrinfo(address, port or DNS_PORT)[0][-1]
        )  # others' datagrams do not reach us then
        sock.send(question)
        return await within(ANSWER_MS, _answer(sock))
    except (asyncio.TimeoutError, OSError):
        return None
    finally:
        sock.close()


async def _answer(sock) -> bytes:  # type: ignore[no-untyped-def]
    while True:
        await readable(sock)
        try:
            return sock.recv(512)
        except OSError as error:
            if error.errno != errno.EAGAIN:  # a datagram that was damaged
                raise


def dns_question(name: str) -> bytes:
    """Which address has this name?"""
    labels = b"".join([bytes([len(part)]) + part.encode() for part in name.strip(".").split(".")])
    return (
        os.urandom(2) + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + struct.pack(">BHH", 0, _A, _IN)
    )


def dns_address(question: bytes, answer: bytes) -> str:
    """The first address in the answer to our question; OSError with a sentence."""
    size = len(question)
    if (
        answer[:2] != question[:2]
        or len(answer) < size
        or not answer[2] & 0x80
        or answer[12:size] != question[12:]
    ):
        raise OSError("the answer of the name server is to another question")
    if answer[3] & 15:
        raise OSError("no such name")
    at = size
    try:
        for _ in range(int.from_bytes(answer[6:8], "big")):
            while answer[at] and answer[at] < 0xC0:  # labels, up to the end or a pointer
                at += 1 + answer[at]
            at += 2 if answer[at] else 1
            kind, _, _, length = struct.unpack_from(">HHIH", answer, at)
            at += 10
            if kind == _A and length == 4 and at + 4 <= len(answer):
                return "%d.%d.%d.%d" % tuple(answer[at : at + 4])
            at += length
    except (IndexError, ValueError):
        pass
    raise OSError("the name has no address")


async def ntp_s(address: str) -> int | None:
    """Seconds since 1970 as a time server says; None when it does not, or does not know itself."""
    nonce = os.urandom(8)
    answer = await ask(address, b"\x23" + bytes(39) + nonce, NTP_PORT)
    if answer is None or len(answer) < 48 or answer[0] & 7 != 4 or not answer[1] or answer[24:32] != nonce:
        return None
    seconds = int.from_bytes(answer[40:44], "big")
    # RFC 4330, 3: from 2036 on the count is one of 1900 plus 2^32
    return seconds - _EPOCH_S + (0 if seconds & 0x8000_0000 else 1 << 32)
