"""Which tasks have not shown yet that they live, since the watchdog was fed (kiosk/supervisor.py)."""

absent: list = []  # their names


def check_in(name: str) -> None:
    """The loop of this task went round."""
    if name in absent:
        absent.remove(name)
