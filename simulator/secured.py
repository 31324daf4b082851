"""A broker with TLS: mosquitto as `tapledger broker setup` configures it, certificates and topics enforced.

One listener more is there, on 127.0.0.1 and for anyone, from which the world looks on.
"""

from pathlib import Path

from simulator.broker import Broker, free_port
from simulator.host import HostProcess
from simulator.leash import Leash

KIND = "mosquitto-tls"


def broker_for(host: HostProcess, folder: Path, leash: Leash, kind: str | None) -> tuple[Broker, int | None]:
    """(a broker of this kind, not yet started; where anyone may look on, None: at its own port). The host is
    told how to reach it."""
    if kind != KIND:
        return Broker(folder, leash, kind), None
    spy, known = free_port(), dict[int, str]()
    host.options = ["--mqtt-tls"]

    def conf(port: int) -> str:
        if port not in known:
            known[port] = _set_up(host, folder / "tls", port)
        anyone = f"listener {spy} 127.0.0.1\nallow_anonymous true\n"
        return f"per_listener_settings true\n{known[port]}{anyone}"

    return Broker(folder, leash, "mosquitto", conf), spy


def _set_up(host: HostProcess, folder: Path, port: int) -> str:
    host.prepare()
    where = ("--out", str(folder), "--name", "127.0.0.1", "--port", str(port))
    host.command(["broker", "setup", "--data", str(host.data), *where])
    return (folder / "mosquitto.conf").read_text(encoding="utf-8")
