"""Which readers are plugged in here, by the names that connect() takes."""

from typing import NamedTuple

from host.cards.readers import ReaderError


class Named(NamedTuple):
    """name: for connect(); what: a phrase for people."""

    name: str
    what: str


def found() -> list[Named]:
    """PC/SC slots, USB readers that nfcpy drives, serial ports of USB adapters: whether a PN532 is at such
    a port is not asked, as the question may disturb what is there."""
    return [*_slots(), *_usb(), *_ports()]


def _slots() -> list[Named]:
    from host.cards import reader_pcsc

    try:
        with reader_pcsc.service() as (scard, context):
            return [Named(f"pcsc:{name}", "PC/SC slot") for name in reader_pcsc.slots(scard, context)]
    except ReaderError:  # no pyscard, or no service
        return []


def _usb() -> list[Named]:
    from nfc.clf import device, transport

    try:
        plugged = transport.USB.find("usb") or []
    except (OSError, transport.libusb.USBError):
        return []
    return [Named("usb", "NFC reader on USB") for one in plugged if tuple(one[:2]) in device.usb_device_map][
        :1
    ]


def _ports() -> list[Named]:
    from serial.tools import list_ports

    ports = sorted(list_ports.comports(), key=lambda port: str(port.device))
    return [
        Named(f"tty:{port.device}", f"serial port: {port.description}")
        for port in ports
        if port.vid is not None
    ]
