"""The chip's pins and buses. choose() says first which board this is; pins.py has the numbers.

For the start alone: who holds a function of this module later holds all of it.
"""

import machine

NAME = ""  # a key of BOARDS in pins.py
pins: dict = {}  # name in pins.py -> number, or a tuple of them
DISPLAY = ""  # st7789 or ssd1306
KEYPAD = 0  # is there one?

SPI_BAUD, OLED_BAUD = 40_000_000, 400_000
WATCHDOG_MS = 30_000


def choose(device: dict) -> None:
    """Take the pins of this board, and what hangs on them: a device as in protocol/wire/device.py."""
    global NAME, pins, DISPLAY, KEYPAD
    from hal.pins import BOARDS

    NAME = device["board"]
    pins = BOARDS[NAME]
    DISPLAY, KEYPAD = device["display"], device["keypad"]


def keys() -> tuple:
    """(rows, columns) of the keypad."""
    pin = machine.Pin
    pull = pin.PULL_UP if pins["KEY_PULL"] else -1
    rows = [pin(number, pin.OPEN_DRAIN, value=0) for number in pins["KEY_ROWS"]]
    return rows, [pin(number, pin.IN, pull) for number in pins["KEY_COLUMNS"]]


def output(number: int, value: int = 0) -> machine.Pin:
    """A pin as output with its first level."""
    return machine.Pin(number, machine.Pin.OUT, value=value)


def spi() -> machine.SPI:
    """The colour display's bus."""
    return machine.SPI(
        pins["SPI_ID"],
        baudrate=SPI_BAUD,
        sck=machine.Pin(pins["SPI_SCK"]),
        mosi=machine.Pin(pins["SPI_MOSI"]),
    )


def i2c() -> machine.I2C:
    """The mono display's bus."""
    return machine.I2C(
        0, scl=machine.Pin(pins["OLED_SCL"]), sda=machine.Pin(pins["OLED_SDA"]), freq=OLED_BAUD
    )


def pwm(number: int) -> machine.PWM:
    """A silent tone generator on a pin."""
    return machine.PWM(machine.Pin(number), freq=1000, duty_u16=0)


def watchdog() -> machine.WDT:
    """Resets the chip when it is not fed for WATCHDOG_MS."""
    return machine.WDT(timeout=WATCHDOG_MS)


def was_bitten() -> bool:
    """Did the watchdog start the chip?"""
    return bool(machine.reset_cause() == machine.WDT_RESET)


def lost_power() -> bool:
    """Was the chip without power before this start?"""
    return bool(machine.reset_cause() == machine.PWRON_RESET)


def reset() -> None:
    """Restart the chip."""
    machine.reset()
