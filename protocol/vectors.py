"""Check this implementation against published vectors: `python -m protocol.vectors FILE.json...`.

One line a vector, last `N passed, M failed`; exit 1 on any failure or unknown op. The same command runs
under MicroPython. The format is described in docs/formats.md.
"""

import json
import sys
from binascii import hexlify, unhexlify

from protocol.card import apdu, ev2, keys, picc, sun, tmac

COMM = {"plain": 0, "mac": 1, "full": 3}


def _hex(data: bytes) -> str:
    return hexlify(data).decode().upper()


def _ev2_auth(given: dict) -> dict:
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


def _ev2_auth_pcd(given: dict) -> dict:
    key, rnd_a = given["key"], given["rnd_a"]
    response, rnd_b = ev2.answer_challenge(key, given["challenge"], rnd_a)
    enc_key, mac_key = ev2.session_keys(key, rnd_a, rnd_b)
    ti = ev2.open_final(key, given["final"], rnd_a)
    return {"response": response, "ti": ti, "enc_key": enc_key, "mac_key": mac_key}


def _ev2_session_keys(given: dict) -> dict:
    enc_key, mac_key = ev2.session_keys(given["key"], given["rnd_a"], given["rnd_b"])
    return {"enc_key": enc_key, "mac_key": mac_key}


def _session(given: dict) -> ev2.Session:
    return ev2.Session(given["ti"], given["enc_key"], given["mac_key"], given["ctr"])


def _round_trip(given: dict, cmd: int, header: bytes, data: bytes, comm: int, out: dict) -> dict:
    """Build the command, parse it as the card would; build the reply, open it as the reader would."""
    reader, card = _session(given), _session(given)
    command = reader.command(cmd, header, data, comm)
    if picc.open_command(card, cmd, command, len(header), comm) != (header, data):
        raise ValueError("the card's side read another command")
    status = out["status"][0]
    # a command that returns nothing is answered with a MAC alone, whatever its mode
    opened = reader.reply(out["reply"], comm, status)
    made = picc.make_reply(card, opened, comm, status)
    return {"apdu": apdu.wrap(cmd, command), "reply": made, "status": out["status"], "reply_data": opened}


def _ev2_command(given: dict, out: dict) -> dict:
    return _round_trip(given, given["cmd"][0], given["header"], given["data"], COMM[given["comm"]], out)


def _ev2_change_key(given: dict, out: dict) -> dict:
    data = ev2.change_key_data(given["new"], given["version"][0], given.get("old"))
    return _round_trip(given, 0xC4, given["key_no"], data, COMM["full"], out)


def _tmac_session_keys(given: dict) -> dict:
    mac_key, enc_key = tmac.session_keys(given["key"], given["uid"], given["tmc_before"])
    return {"mac_key": mac_key, "enc_key": enc_key}


def _an10922(given: dict) -> dict:
    return {"key": keys.an10922(given["key"], given["m"])}


def _sun_picc(given: dict) -> dict:
    opened = sun.open_picc_data(given["meta_key"], given["picc_data"])
    if opened is None or not sun.genuine(given["file_key"], opened[0], opened[1], given["cmac"]):
        return {"ok": False}
    return {"ok": True, "uid": opened[0], "counter": opened[1]}


def _sun_plain(given: dict) -> dict:
    return {"ok": sun.genuine(given["file_key"], given["uid"], given["counter"], given["cmac"])}


OPS = {
    "ev2-auth": _ev2_auth,
    "ev2-auth-pcd": _ev2_auth_pcd,
    "ev2-session-keys": _ev2_session_keys,
    "tmac-session-keys": _tmac_session_keys,
    "an10922": _an10922,
    "sun-picc": _sun_picc,
    "sun-plain": _sun_plain,
}
TWO_WAY = {"ev2-command": _ev2_command, "ev2-change-key": _ev2_change_key}


def _bytes(values: dict) -> dict:
    """Hex strings -> bytes; the words of `comm` and numbers stay."""
    return {
        name: unhexlify(value) if isinstance(value, str) and name != "comm" else value
        for name, value in values.items()
    }


def check(vector: dict) -> str | None:
    """None when the vector holds, else what is wrong."""
    op = vector.get("op")
    try:
        given, out = _bytes(vector["in"]), _bytes(vector["out"])
        if op in OPS:
            made = OPS[op](given)
        elif op in TWO_WAY:
            made = TWO_WAY[op](given, out)
        else:
            return "unknown op %s" % op
    except (KeyError, TypeError, ValueError, IndexError, apdu.CardError) as error:
        return "%s: %s" % (type(error).__name__, error)
    for name, want in out.items():
        got = made.get(name)
        if got != want:
            return "%s is %s, expected %s" % (
                name,
                _hex(got) if isinstance(got, bytes) else got,
                _hex(want) if isinstance(want, bytes) else want,
            )
    return None


def main(paths: list[str]) -> int:
    """Check every file; the process exit code."""
    if not paths:
        print("usage: python -m protocol.vectors FILE.json...")
        return 2
    passed = failed = 0
    for path in paths:
        try:
            with open(path) as file:
                vectors = json.load(file)
        except (OSError, ValueError) as error:
            print("%s: cannot be read as JSON: %s" % (path, error))
            return 2
        for vector in vectors:
            fault = check(vector)
            if fault is None:
                passed += 1
                print("ok    %s" % vector.get("name"))
            else:
                failed += 1
                print("FAIL  %s: %s" % (vector.get("name"), fault))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
