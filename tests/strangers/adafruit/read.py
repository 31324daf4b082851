"""adafruit-circuitpython-pn532 from start to power down and up again: `read.py uart PATH | spi | i2c`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import bus
import circuitpython


def reader_of(words):
    if words[0] == "uart":
        import serial
        from adafruit_pn532.uart import PN532_UART

        return PN532_UART(serial.Serial(words[1], 115200, timeout=0.1))
    if words[0] == "spi":
        from adafruit_pn532.spi import PN532_SPI

        return PN532_SPI(circuitpython.Spi(), circuitpython.ChipSelect())
    from adafruit_pn532.i2c import PN532_I2C

    return PN532_I2C(circuitpython.I2c())


def main(words):
    reader = reader_of(words)
    saw = {"firmware": list(reader.firmware_version)}
    reader.SAM_configuration()
    saw["uid"] = bytes(reader.read_passive_target(timeout=5)).hex()
    # DESFire GetVersion by InDataExchange: its first frame
    saw["version"] = bytes(reader.call_function(0x40, 64, [1, 0x90, 0x60, 0, 0, 0])).hex()
    saw["slept"] = reader.power_down()
    saw["uid_after_sleep"] = bytes(reader.read_passive_target(timeout=5)).hex()
    bus.done(saw)


main(sys.argv[1:])
