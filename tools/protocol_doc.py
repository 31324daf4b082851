"""docs/protocol.md and docs/asyncapi.yaml from the message table: `python -m tools.protocol_doc [--check]`.

--check writes nothing and exits 1 when a file differs from what would be written.
"""

import argparse
import sys
from pathlib import Path

from protocol.wire import cbor, envelope, messages, online
from protocol.wire.mac import MAC_SIZE
from protocol.wire.messages import MESSAGES, UP
from tools import asyncapi
from tools.protocol_words import MEANING, PURPOSE, REFUSALS, VERDICTS

DOCS = Path(__file__).resolve().parent.parent / "docs"

HEAD = """\
# Protocol between kiosk and host

Written by `python -m tools.protocol_doc` from the table in `protocol/wire/messages.py`; a test fails
when they differ. The same as AsyncAPI 3.0: [asyncapi.yaml](asyncapi.yaml).

## Topics

MQTT 3.1.1 or 5, QoS 1. PUBACK means nothing to the books: only `ack` does.

| topic | from | content |
|---|---|---|
| `tapledger/v1/<kiosk>/up` | kiosk | messages |
| `tapledger/v1/<kiosk>/relay` | kiosk | {relayed}: [relay.md](relay.md) |
| `tapledger/v1/<kiosk>/down` | host | messages |
| `tapledger/v1/<kiosk>/status` | kiosk, or its last will | `online` / `offline`, retained, for people only |

## Envelope

    message = CBOR [version, direction, kiosk, epoch, counter, type, body]  then  MAC
    MAC     = first {mac_size} bytes of HMAC-SHA256(key of the direction, all before it)

version {version}; direction 0 = up, 1 = down; kiosk = 1 to {name_max} letters, digits, `-` or `_`; at
most {size_max} bytes in all. The body is a map from small integers to values. Of CBOR only integers,
byte strings, text, lists and maps with rising integer keys are used, {depth}; heads are as short as can
be, so that one value has exactly one encoding; everything else is refused.

## Keys

At provisioning a kiosk gets a secret of 32 bytes over a cable. Both sides derive from it, by HMAC-SHA256
over a label: `tapledger up` and `tapledger down` (32 bytes each, one per direction, so that nothing can
be sent back to its sender) and `tapledger seal` (first 16 bytes, AES-CBC for fields the broker must not
read). No two kiosks share a key.

## Numbers

- A **report** ({reports}) has a number of its own, epoch.counter, counter from 1. Numbers are never used
  twice: they survive power loss, and when a kiosk's flash went back in time the host gives it a new
  epoch in `welcome`.
- The host keeps every number with a hash of the content. The same again gets the same answer; other
  content under a used number is an alarm, and is booked only where the card's MAC proves it.
- {rest} carry counter 0; the nonce tells them apart. A `journal` carries 0 too: its records have their own.
- An `ask` to pay carries the number that its `taken` or `reversal` will have; the host decides once for
  a number.
- Messages **down** have epoch 0 and a counter that rises for ever, and echo the nonce of the kiosk's
  last hello; `relay` and `decision` have epoch {stream} and a counter, of session and step, that rises
  within the nonce. Numbers of configuration and hotlist only rise. So nothing old can be played back.

## Order

    kiosk                                host
    hello (nonce, where I stand)   ->
                                   <-    welcome (epoch, time)
                                   <-    config, hotlist      where the kiosk's are not the newest
                                   <-    ack                  what the books hold of the epoch
    applied                        ->                         once they are durable and in force
    report, or journal of several  ->
                                   <-    ack                  after the ledger's commit, with verdicts

Before `welcome` no report is sent. A report stays in flash until an `ack` covers it, and is sent again
until then; order and repetition do not matter. A new configuration or hotlist is pushed at any time and
sent again at each hello until `applied` names its number.

"""

TAIL = """\
**The host** also refuses topics of kiosks it does not know (`unknown`), reports with counter 0
(`counter`), and a hello whose nonce was used before (but repeats its answer to the last one). What does
not authenticate (`size`, `mac`, `unknown`) touches nothing but a counter and a bounded sample. What is
authentic and still refused is kept once, with its code, and alarmed once a kiosk and code; a report
among it is answered REFUSED, alone or in a journal, and the others of that journal are not touched.
What passes is never refused: it is booked, flagged where it does not fit, or kept apart for a person
where nothing proves it: a wrong Transaction MAC, a settlement without one, other content under a used
number, or what made a fault. What one kiosk can make the host keep or do is bounded: 10,000 suspects and
10,000 refusals, later ones answered and only counted; 10,000 UIDs on the hotlist that are no card, all
kiosks together; one alarm an hour of a kind and subject; 200 of a card's moves looked through for a report.
A debit that the books hold from before those is answered HELD where its Transaction MAC proves it, and kept
apart where nothing does.

**The kiosk** also refuses a nonce that is not its present one, a counter not above the last, and a
configuration or hotlist whose number is not above the one in force. What it refuses changes nothing;
what it takes is written to flash before it counts.
"""


def head() -> str:
    """All before the messages."""
    reports = ", ".join(f"`{MESSAGES[kind][0]}`" for kind in messages.REPORTS)
    rest = [
        row[0]
        for kind, row in MESSAGES.items()
        if row[1] == UP and kind not in (*messages.REPORTS, messages.JOURNAL)
    ]
    return HEAD.format(
        mac_size=MAC_SIZE,
        version=envelope.VERSION,
        name_max=envelope.KIOSK_NAME_MAX,
        size_max=envelope.SIZE_MAX,
        depth=f"at most {cbor.DEPTH_MAX} deep",
        reports=reports,
        relayed=" and ".join(f"`{MESSAGES[kind][0]}`" for kind in online.RELAYED),
        stream=online.STREAM,
        rest=" and ".join(f"`{name}`" for name in rest),
    )


def limits(what: str, low: int, high: int) -> str:
    """What low and high bound, in words."""
    span = f"{low}" if low == high else f"{low} to {high}"
    return {"uint": span, "int": span, "bytes": f"{span} bytes", "text": f"{span} bytes"}.get(
        what, f"{span} items"
    )


def message_table() -> str:
    """One section a message."""
    found = [
        "## Messages\n",
        "Money is in fen, time in seconds since 1970 UTC; a field marked * may be absent.\n",
    ]
    for kind, (name, direction, rows) in MESSAGES.items():
        found.append(f"### {kind} `{name}`, {'kiosk to host' if direction == UP else 'host to kiosk'}\n")
        found.append(f"{PURPOSE[name]}\n")
        found.append("| key | field | kind | unit | limits | meaning |\n|---|---|---|---|---|---|")
        for key, field, what, unit, low, high, required in rows:
            shown = f"`{field}`" + ("" if required else " *")
            found.append(
                f"| {key} | {shown} | {what} | {unit} | {limits(what, low, high)} | {MEANING[field]} |"
            )
        found.append("")
    return "\n".join(found)


def verdicts_and_refusals() -> str:
    """Codes and who refuses what."""
    found = ["## Verdicts\n", "| code | name | meaning |\n|---|---|---|"]
    found += [f"| {getattr(messages, name)} | {name} | {text} |" for name, text in VERDICTS.items()]
    found += ["\n## What is refused\n"]
    found += ["Both sides check a message in this order and stop at the first fault.\n"]
    found += ["| code | when |\n|---|---|"]
    found += [f"| `{code}` | {text.format(size_max=envelope.SIZE_MAX)} |" for code, text in REFUSALS.items()]
    return "\n".join([*found, "", TAIL])


def documents() -> dict[str, str]:
    """{file name below docs/: content}"""
    return {
        "protocol.md": head() + message_table() + "\n" + verdicts_and_refusals(),
        "asyncapi.yaml": asyncapi.dump(asyncapi.document()),
    }


def main(arguments: list[str], folder: Path = DOCS) -> int:
    """Write or check; the process exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.protocol_doc", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a file differs")
    check = parser.parse_args(arguments).check
    stale = []
    for name, content in documents().items():
        path = folder / name
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != content:
                stale.append(name)
        else:
            path.write_text(content, encoding="utf-8")
    if stale:
        print(f"{folder}: {' and '.join(stale)}: stale; run python -m tools.protocol_doc")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
