"""Check this implementation against published vectors: `python -m protocol.vectors FILE.json...`.

One line a vector, last `N passed, M failed`; exit 1 on any failure, unknown op or file that can't be read.
The same command runs under MicroPython. The format is described in docs/formats.md.
"""

import sys
from binascii import hexlify

from protocol import aes
from protocol.card import apdu, commands, ev2, keys, picc, sun, tmac
from protocol.vectors_form import COMM, NEEDS, complete, read, side

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any


def _hex(data: bytes) -> str:
    return hexlify(data).decode().upper()


def _ev2_auth(given: "dict[str, Any]") -> "dict[str, Any]":
    key, rnd_a, rnd_b = given["key"], given["rnd_a"], given["rnd_b"]
    challenge = picc.challenge(key, rnd_b)
    response, seen_b = ev2.answer_challenge(key, challenge, rnd_a)
    final = picc.final(key, rnd_b, response, given["ti"], given["pd_cap2"], given["pcd_cap2"])
    if ev2.open_final(key, final, rnd_a) != given["ti"]:
        raise ValueError("reader opened another TI")
    enc_key, mac_key = ev2.session_keys(key, rnd_a, seen_b)
    return {
        "challenge": challenge,
        "response": response,
        "final": final,
        "enc_key": enc_key,
        "mac_key": mac_key,
    }


def _ev2_auth_pcd(given: "dict[str, Any]") -> "dict[str, Any]":
    key, rnd_a = given["key"], given["rnd_a"]
    response, rnd_b = ev2.answer_challenge(key, given["challenge"], rnd_a)
    enc_key, mac_key = ev2.session_keys(key, rnd_a, rnd_b)
    ti = ev2.open_final(key, given["final"], rnd_a)
    return {"response": response, "ti": ti, "enc_key": enc_key, "mac_key": mac_key}


def _ev2_auth_non_first(given: "dict[str, Any]") -> "dict[str, Any]":
    session = ev2.Session(bytes(4), bytes(16), bytes(16))
    answers: list[bytes] = [given["challenge"] + b"\x91\xaf", given["final"] + b"\x91\x00"]
    sent: list[bytes] = []

    def transceive(command: bytes) -> bytes:
        sent.append(command)
        return answers[len(sent) - 1]

    apdu.run(commands.reauthenticate(session, 0, given["key"], given["rnd_a"]), transceive)
    return {"response": sent[1][5:-1], "enc_key": session.enc_key, "mac_key": session.mac_key}


def _cmac(given: "dict[str, Any]") -> "dict[str, Any]":
    if aes.cmac_by_blocks(given["key"], given["message"]) != aes.cmac(given["key"], given["message"]):
        raise ValueError("the platform's CMAC and ours differ")
    return {"mac": aes.cmac(given["key"], given["message"])}


def _ev2_session_keys(given: "dict[str, Any]") -> "dict[str, Any]":
    enc_key, mac_key = ev2.session_keys(given["key"], given["rnd_a"], given["rnd_b"])
    return {"enc_key": enc_key, "mac_key": mac_key}


def _session(given: "dict[str, Any]") -> ev2.Session:
    return ev2.Session(given["ti"], given["enc_key"], given["mac_key"], given["ctr"])


def _round_trip(
    given: "dict[str, Any]", cmd: int, header: bytes, data: bytes, comm: int, out: "dict[str, Any]"
) -> "dict[str, Any]":
    """Build the command, parse it as the card would; build the reply, open it as the reader would."""
    if "apdu" not in out and "reply" not in out:
        raise ValueError("out has neither apdu nor reply to compare with")
    reader, card = _session(given), _session(given)
    command = reader.command(cmd, header, data, comm)
    if picc.open_command(card, cmd, command, len(header), comm) != (header, data):
        raise ValueError("the card's side read another command")
    made = {"apdu": apdu.wrap(cmd, command)}
    said = out.get("status", b"\x00")
    if not isinstance(said, bytes) or len(said) != 1:
        raise ValueError("out.status must be 1 byte in hex")
    reply = out.get("reply")
    if reply is None and "reply_data" in out:
        reply = picc.make_reply(card, out["reply_data"], comm, said[0])
    if reply is not None:
        opened = reader.reply(reply, comm, said[0])
        made.update({"reply": picc.make_reply(card, opened, comm, said[0]), "reply_data": opened})
    if "status" in out:
        made["status"] = said  # where there is a reply, its MAC covers the status
    return made


def _ev2_command(given: "dict[str, Any]", out: "dict[str, Any]") -> "dict[str, Any]":
    return _round_trip(given, given["cmd"][0], given["header"], given["data"], COMM[given["comm"]], out)


def _ev2_change_key(given: "dict[str, Any]", out: "dict[str, Any]") -> "dict[str, Any]":
    data = ev2.change_key_data(given["new"], given["version"][0], given.get("old"))
    return _round_trip(given, 0xC4, given["key_no"], data, COMM["full"], out)


def _tmac_session_keys(given: "dict[str, Any]") -> "dict[str, Any]":
    mac_key, enc_key = tmac.session_keys(given["key"], given["uid"], given["tmc_before"])
    return {"mac_key": mac_key, "enc_key": enc_key}


def _an10922(given: "dict[str, Any]") -> "dict[str, Any]":
    return {"key": keys.an10922(given["key"], given["m"])}


def _sun_picc(given: "dict[str, Any]") -> "dict[str, Any]":
    opened = sun.open_picc_data(given["meta_key"], given["picc_data"])
    if opened is None or not sun.genuine(given["file_key"], opened[0], opened[1], given["cmac"]):
        return {"ok": False}
    return {"ok": True, "uid": opened[0], "counter": opened[1]}


def _sun_plain(given: "dict[str, Any]") -> "dict[str, Any]":
    return {"ok": sun.genuine(given["file_key"], given["uid"], given["counter"], given["cmac"])}


OPS = {
    "ev2-auth": _ev2_auth,
    "ev2-auth-pcd": _ev2_auth_pcd,
    "ev2-auth-non-first": _ev2_auth_non_first,
    "ev2-session-keys": _ev2_session_keys,
    "tmac-session-keys": _tmac_session_keys,
    "an10922": _an10922,
    "cmac": _cmac,
    "sun-picc": _sun_picc,
    "sun-plain": _sun_plain,
}
TWO_WAY = {"ev2-command": _ev2_command, "ev2-change-key": _ev2_change_key}


def check(vector: "dict[str, Any]") -> str | None:
    """None when the vector holds, else what is wrong, in one line."""
    if not isinstance(vector, dict):
        return "a vector is an object with name, op, in and out"
    op = vector.get("op")
    if not isinstance(op, str) or op not in NEEDS:
        return "unknown op %s: expected one of %s" % (op, ", ".join(sorted(NEEDS)))
    try:
        given, out = side(vector, "in"), side(vector, "out")
        complete(op, given)
        made = OPS[op](given) if op in OPS else TWO_WAY[op](given, out)
    except (ValueError, apdu.CardError) as error:
        return str(error)
    except (TypeError, IndexError, OverflowError, AttributeError) as error:
        return "%s: %s" % (type(error).__name__, error)
    for name, want in out.items():
        got = made.get(name)
        if got != want:
            return "%s is %s, expected %s" % (name, _shown(got), _shown(want))
    return None


def _shown(value: object) -> str:
    return _hex(value) if isinstance(value, bytes) else str(value)


def main(paths: list[str]) -> int:
    """Check every file; the process exit code."""
    if not paths:
        print("usage: python -m protocol.vectors FILE.json...")
        return 2
    passed = failed = 0
    for path in paths:
        try:
            vectors = read(path)
        except ValueError as error:
            failed += 1
            print("FAIL  %s %s" % (path, error))
            continue
        for number, vector in enumerate(vectors):
            name = vector.get("name") if isinstance(vector, dict) else None
            name = "vector %d" % (number + 1) if name is None else " ".join(str(name).split())
            fault = check(vector)
            if fault is None:
                passed += 1
                print("ok    %s" % name)
            else:
                failed += 1
                print("FAIL  %s: %s" % (name, fault))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
