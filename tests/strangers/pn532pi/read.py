"""pn532pi from start to release: `read.py uart PATH | spi | i2c`."""

import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bus
import serial


class SpiDev:
    """spidev, which shifts MSB first; each call is a transaction."""

    def open(self, _bus, _device):
        pass

    def xfer2(self, out):
        bus.select()
        return list(bus.reverse_bits(bus.shift(bus.reverse_bits(out))))

    def writebytes(self, out):
        self.xfer2(out)


class I2CMaster:
    """quick2wire: a message is a function that runs on the bus."""

    def __init__(self, _bus):
        pass

    def transaction(self, *messages):
        return [answer for message in messages if (answer := message()) is not None]


i2c = types.ModuleType("quick2wire.i2c")
i2c.I2CMaster = I2CMaster
i2c.writing = lambda address, data: lambda: bus.write(bytes(data))
i2c.reading = lambda address, count: lambda: bus.read(count)
sys.modules["quick2wire"] = types.ModuleType("quick2wire")
sys.modules["quick2wire.i2c"] = i2c
sys.modules["spidev"] = types.SimpleNamespace(SpiDev=SpiDev)

import pn532pi
from pn532pi.interfaces import pn532hsu, pn532i2c


def interface_of(words):
    if words[0] == "uart":
        # The library knows a Raspberry Pi's ports only, and waits 10 ms for the ACK, too short here.
        pn532hsu.Serial = lambda _path, **settings: serial.Serial(words[1], **settings)
        pn532hsu.PN532_ACK_WAIT_TIME = 2000
        return pn532pi.Pn532Hsu(pn532pi.Pn532Hsu.RPI_MINI_UART)
    if words[0] == "spi":
        return pn532pi.Pn532Spi(pn532pi.Pn532Spi.SS0_GPIO8)
    pn532i2c.time = types.SimpleNamespace(sleep=lambda _s: None, time=lambda: 0)
    return pn532pi.Pn532I2c(pn532pi.Pn532I2c.RPI_BUS1)


def main(words):
    reader = pn532pi.Pn532(interface_of(words))
    reader.begin()
    saw = {"firmware": f"{reader.getFirmwareVersion():08x}"}
    saw["configured"] = reader.SAMConfig() and reader.setPassiveActivationRetries(0x10)
    saw["pins"] = reader.writeGPIO(0x15) and reader.readGPIO()
    found, uid = reader.readPassiveTargetID(pn532pi.pn532.PN532_MIFARE_ISO14443A_106KBPS, inlist=True)
    saw["uid"] = uid.hex() if found else None
    exchanged, answer = reader.inDataExchange(bytearray([0x90, 0x60, 0, 0, 0]))
    saw["version"] = answer.hex() if exchanged else None
    saw["released"] = reader.inRelease()
    saw["listed"] = reader.inListPassiveTarget()
    bus.done(saw)


main(sys.argv[1:])
