"""How the intake is: asked without a token, by our own processes alone."""

from typing import Any

from host.processes.handlers.asked import Asked, Task


def health(asked: Asked) -> dict[str, bool]:
    """{ok, mqtt}; ok: what is reported is booked, as far as we know."""
    return {"ok": asked.service.intake.writes, "mqtt": asked.service.line.connected}


def booked(asked: Asked) -> bool:
    """An ingest worker has booked something: whoever waits for news looks."""
    asked.service.database.bell.ring()
    return True


def presence(asked: Asked) -> list[str]:
    """Names of the kiosks that say they are online."""
    line = asked.service.line
    return [kiosk.name for kiosk in asked.service.kiosks.all() if line.is_present(kiosk.name)]


def rejections(asked: Asked) -> dict[str, Any]:
    """{counts, sample}"""
    return asked.service.intake.rejections.to_json()


HANDLERS: dict[str, Task] = {
    "health": health,
    "booked": booked,
    "presence": presence,
    "rejections": rejections,
}
