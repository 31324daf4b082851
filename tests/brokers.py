"""Brokers of several makers, each on a port of its own and with what it can do of TLS."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from host import cli_broker
from host.terminals.line import authority
from host.terminals.line.authority import Authority
from simulator.broker import Broker, free_port, listens
from simulator.child import Child
from simulator.leash import Leash

NAME = "broker.example"
TLS = ("mosquitto", "nats", "rabbitmq")
KINDS = (*TLS, "iotcore")  # iotcore has no TLS that asks for certificates
_SBIN = "/usr/sbin:/usr/local/sbin"
_READY_S = 60.0


def write_certificates(folder: Path, of: Authority, revoked: list[tuple[int, int]] | None = None) -> None:
    """ca.crt, broker.crt, broker.key, revoked.crl in the folder."""
    folder.mkdir(exist_ok=True)
    certificate, key = of.broker([NAME, "127.0.0.1"])
    (folder / "ca.crt").write_bytes(authority.pem_of(of.certificate))
    (folder / "broker.crt").write_bytes(certificate)
    (folder / "broker.key").write_bytes(key)
    (folder / "revoked.crl").write_bytes(of.revoked(revoked or []))


class Stranger:
    """A broker that is a process of its own: starts with what `command` says, and again on the same port."""

    def __init__(self, kind: str, folder: Path, leash: Leash, command: Callable[[int], list[str]]) -> None:
        self.port = free_port()
        self._child = Child(kind, folder / "broker.log", leash, cwd=folder)
        self._command = command
        self._env: dict[str, str] | None = None

    def start(self) -> None:
        self._child.start(self._command(self.port), self._env)
        deadline_s = time.monotonic() + _READY_S
        while not listens(self.port):
            assert self._child.alive and time.monotonic() < deadline_s, self._child.last_words()
            time.sleep(0.05)

    def stop(self) -> None:
        self._child.kill()  # a broker that was asked to end would wait for its clients


class Rabbit(Stranger):
    """RabbitMQ with its MQTT plugin; its name server epmd is ours too, or it would stay behind."""

    def __init__(self, folder: Path, leash: Leash) -> None:
        super().__init__("RabbitMQ", folder, leash, self._written)
        self._folder = folder
        self._epmd_port = free_port()
        self._epmd = Child("epmd", folder / "epmd.log", leash, cwd=folder)

    def start(self) -> None:
        self._epmd.start([_found("epmd", "rabbitmq-server"), "-port", str(self._epmd_port)])
        self.take_list()
        super().start()

    def end(self) -> None:
        """stop(), for good."""
        self.stop()
        self._epmd.kill()

    def take_list(self) -> None:
        """The list of revoked certificates under the name that Erlang looks for: its issuer's hash."""
        hashed = [_found("openssl", "openssl"), "crl", "-in", "revoked.crl", "-noout", "-hash"]
        name = subprocess.run(hashed, cwd=self._folder, capture_output=True, text=True, check=True).stdout
        (self._folder / "crl").mkdir(exist_ok=True)
        shutil.copy(self._folder / "revoked.crl", self._folder / "crl" / f"{name.strip()}.r0")

    def _written(self, port: int) -> list[str]:
        home = self._folder
        (home / "plugins").write_text("[rabbitmq_mqtt].\n")
        (home / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\nmqtt.listeners.tcp = none\nmqtt.listeners.ssl.1 = 127.0.0.1:{port}\n"
            "mqtt.allow_anonymous = true\nmqtt.subscription_ttl = 86400000\n"
            "ssl_handshake_timeout = 60000\nlog.console = true\nlog.console.level = warning\n"
        )
        # all of ssl_options stands here: what stood in the other file would be lost
        (home / "advanced.config").write_text(
            f'[{{rabbit, [{{ssl_options, [{{cacertfile, "{home}/ca.crt"}},\n'
            f'  {{certfile, "{home}/broker.crt"}}, {{keyfile, "{home}/broker.key"}},\n'
            "  {verify, verify_peer}, {fail_if_no_peer_cert, true}, {crl_check, peer},\n"
            f'  {{crl_cache, {{ssl_crl_hash_dir, {{internal, [{{dir, "{home}/crl"}}]}}}}}}]}}]}}].\n'
        )
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),  # of the cookie
            "RABBITMQ_NODENAME": "test@localhost",
            "RABBITMQ_NODE_PORT": "0",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        return [str(_rabbit())]


def _rabbit() -> Path:
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not found:
        pytest.skip("needs apt package rabbitmq-server")
    return found[-1]  # not the wrapper, which insists on a user of its own


def _found(program: str, package: str) -> str:
    found = shutil.which(program) or shutil.which(program, path=_SBIN)
    if found is None:
        pytest.skip(f"needs apt package {package}")
    return found


def _nats(folder: Path, leash: Leash) -> Stranger:
    program = _found("nats-server", "nats-server")

    def command(port: int) -> list[str]:
        (folder / "nats.conf").write_text(
            f"host: 127.0.0.1\nport: {free_port()}\nserver_name: test\n"
            f'jetstream {{ store_dir: "{folder}" }}\n'
            f"mqtt {{\n host: 127.0.0.1\n port: {port}\n tls {{\n"
            f'  cert_file: "{folder}/broker.crt"\n  key_file: "{folder}/broker.key"\n'
            f'  ca_file: "{folder}/ca.crt"\n  verify: true\n  timeout: 60\n }}\n}}\n'
        )
        return [program, "-c", str(folder / "nats.conf")]

    return Stranger("NATS", folder, leash, command)


def broker(kind: str, folder: Path, leash: Leash) -> Broker | Stranger:
    """A broker of this kind with the certificates in the folder; not started."""
    if kind == "nats":
        return _nats(folder, leash)
    if kind == "rabbitmq":
        return Rabbit(folder, leash)
    if kind == "iotcore":
        return Broker(folder, leash, kind)
    _found("mosquitto", "mosquitto")

    def conf(port: int) -> str:
        (folder / cli_broker.ACL).write_text(cli_broker.acl())
        return cli_broker.conf(folder, port) + "persistence true\npersistence_location " + f"{folder}/\n"

    return Broker(folder, leash, kind, conf)


def end(broker: Broker | Stranger) -> None:
    """For good: its name server too, if it has one."""
    broker.end() if isinstance(broker, Rabbit) else broker.stop()
