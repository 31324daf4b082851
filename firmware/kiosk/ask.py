"""Requests about the card on the reader: the host decides, and may talk to the card through us."""

import os

from drivers.pn532 import CardGone, ReaderFault
from hal import duty, ticks
from protocol.wire import kinds, online, seal
from protocol.wire.greeting import MOVES


async def ask(  # type: ignore[no-untyped-def]
    teller, wants: int, card: int, number: int = 0, pin: bytes = b"", first_ms: int = 0, **more
) -> dict | None:
    """Ask the host and carry its APDUs until it decides -> the decision's fields; None: no word came in time.

    number: the counter under which the journal holds a request to pay; pin: digits, sealed for the host;
    first_ms: so long for the first word.
    CardGone and ReaderFault once the host was told that the card is gone.
    """
    link, request, began, rows = teller.link, os.urandom(8), ticks.now(), None
    link.request, link.words = request, []
    try:
        said = {"request": request, "wants": wants, "uid": teller.presence.uid, "card": card}
        if pin:
            said["pin"] = seal.pin(teller.settings.seal_key, request, pin)
        if not await link.ask(online.ASK, number, **said, **more):
            return None
        while True:
            wait_ms = min(first_ms or online.DECISION_MS, online.SESSION_MS - ticks.since(began))
            word = await _word(link, wait_ms)
            first_ms = 0
            if word is None:
                return None
            if word[0] == online.DECISION:
                word[1]["rows"] = rows
                return word[1]
            if word[0] == MOVES:
                rows = word[1]["rows"]
                continue
            await _carry(teller, word[1])
    finally:
        link.request = b""


async def _word(link, wait_ms: int) -> tuple | None:  # type: ignore[no-untyped-def]
    """(kind, fields) of the next word of the host; None when none came in time or the link went down."""
    began = ticks.now()
    while not link.words:
        left_ms = wait_ms - ticks.since(began)
        if left_ms <= 0 or not link.online:
            return None
        await duty.nap("nfc", left_ms)
    return link.words.pop(0)  # type: ignore[no-any-return]


async def _carry(teller, step: dict) -> None:  # type: ignore[no-untyped-def]
    """One step: its APDUs to the card, the answers to the host."""
    answers, gone = [], None
    for apdu in step["apdus"]:
        try:
            answer = await teller.reader.transceive(apdu)
        except (CardGone, ReaderFault) as error:
            gone = error
            break
        if not kinds.is_bytes(answer, kinds.FRAME_MIN, kinds.FRAME_MAX):
            gone = CardGone("answer of %d bytes" % len(answer))
            break
        answers.append(answer)
    said = {"session": step["session"], "step": step["step"], "answers": answers}
    await teller.link.ask(online.ANSWER, 0, gone=1 if gone else 0, **said)
    if gone is not None:
        raise gone
