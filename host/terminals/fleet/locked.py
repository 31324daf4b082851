"""One at a time decides about a kiosk, in whichever process: the row of its session is locked."""

from collections.abc import Iterable

from host.db.connection import Connection


def kiosks(connection: Connection, numbers: Iterable[int]) -> bool:
    """Until the transaction ends, in the order of their numbers. False: there is one writer anyway."""
    if connection.LOCKED:
        sql = f"SELECT a.kiosk FROM kiosk_sessions a WHERE a.kiosk IN {connection.INTS} ORDER BY a.kiosk"
        connection.execute(sql + connection.LOCKED, (connection.ints(numbers),)).fetchall()
    return bool(connection.LOCKED)
