"""From nothing to a stream to the broker: name, TCP, TLS, each of which fails with a sentence of its own.

A name is looked up when the address that was good last does not answer, and not before: a look-up is one
question over UDP, so nothing else waits for it. Who answers it with another address (a captive portal, a
thief) has no certificate of ours with the broker's name, and is refused by TLS.
"""

import asyncio
import errno
import select
import socket

from hal import flash, wifi
from hal.duty import within
from net import udp

TCP_MS = 10_000
BUNDLE = "/bundle.cbor"
_NO_DELAY = (6, 1, 1)  # TCP, TCP_NODELAY, on: a small packet waits for no other


def is_address(host: str) -> bool:
    """Four numbers with dots?"""
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)


async def look_up(host: str, wlan) -> str:  # type: ignore[no-untyped-def]
    """A broker's address; OSError with a sentence."""
    if is_address(host):
        return host
    question = udp.dns_question(host)
    for _ in range(2):
        answer = await udp.ask(wifi.dns_server(wlan), question)
        if answer is not None:
            return udp.dns_address(question, answer)
    raise OSError("nobody answers who %s is" % host)


async def connect(address: str, port: int, context, server_name: str):  # type: ignore[no-untyped-def]
    """A socket over a TCP connection that stands, in TLS when there is a context; it never waits. OSError."""
    sock = socket.socket()
    try:
        sock.setblocking(False)
        try:
            sock.setsockopt(*_NO_DELAY)
        except (OSError, AttributeError):  # slower, and no more than that
            pass
        try:
            sock.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        await within(TCP_MS, _writable(sock))
        poller = select.poll()
        poller.register(sock, select.POLLOUT)
        for _, event in poller.poll(0):
            if event & (select.POLLERR | select.POLLHUP):
                raise OSError("nobody listens at %s:%d" % (address, port))
        if context is not None:
            sock = context.wrap_socket(sock, server_hostname=server_name, do_handshake_on_connect=False)
            sock.setblocking(False)
        return sock
    except asyncio.TimeoutError:
        sock.close()
        raise OSError("no answer from %s:%d" % (address, port))
    except BaseException:
        sock.close()
        raise


def _writable(sock):  # type: ignore[no-untyped-def]
    yield asyncio.core._io_queue.queue_write(sock)  # type: ignore[attr-defined]


def context():  # type: ignore[no-untyped-def]
    """What TLS needs, from the bundle in flash: mbedTLS has it in memory of its own then. ValueError."""
    import ssl

    from protocol.wire import bundle

    given = bundle.decode(flash.read_file(BUNDLE) or b"")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.verify_mode = ssl.CERT_REQUIRED  # type: ignore[attr-defined]
    made.load_verify_locations(cadata=given["ca"])
    made.load_cert_chain(given["certificate"], given["key"])
    return made


def why(error: Exception) -> tuple[str, str]:
    """(word, sentence) for what TLS refused; the word is date when another clock might do."""
    said = str(error.args[-1] if error.args else "")
    if "expired" in said or "future" in said:
        return (
            "date",
            "the broker's certificate is not valid at this kiosk's time: is it, and is the clock right?",
        )
    if "Common Name" in said:
        return "name", "the broker's certificate is of another name: is this our broker?"
    if "signed" in said:
        return "authority", "the broker's certificate is not of our authority: is this our broker?"
    if isinstance(error, OSError) and not isinstance(error.args[0], str):  # a number of the system or mbedTLS
        return "refused", "the broker broke off: is this kiosk revoked, or of another authority?"
    return "", said


async def time_s(server: str, wlan) -> int | None:  # type: ignore[no-untyped-def]
    """What a time server says, seconds since 1970; None when it says nothing."""
    if not server:
        return None
    try:
        return await udp.ntp_s(await look_up(server, wlan))
    except OSError:
        return None
