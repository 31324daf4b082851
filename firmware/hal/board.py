"""The chip's pins and buses. choose() says first which board this is; pins.py has the numbers."""

import machine

<<<<<<< HEAD
UART_ID, UART_TX, UART_RX = 1, 17, 16
READER_RESET = 4  # PN532 RSTPD_N, low = reset
SPI_ID, SPI_SCK, SPI_MOSI, SPI_BAUD = 2, 18, 23, 40_000_000
DISPLAY = "st7789"  # or ssd1306
I2C_ID, I2C_SCL, I2C_SDA, I2C_BAUD = 0, 22, 21, 400_000
LCD_CS, LCD_DC, LCD_RST, LCD_BACKLIGHT = 5, 27, 26, 14
BUZZER, LED_GREEN, LED_RED = 25, 32, 33
=======
pins: dict = {}  # name in pins.py -> number, or a tuple of them
DISPLAY = ""  # st7789 or ssd1306
KEYPAD = 0  # is there one?
>>>>>>> 48ed968 (Pins per board in one file, and a file that says which board, display and keypad a kiosk has)

SPI_BAUD, OLED_BAUD = 40_000_000, 400_000
WATCHDOG_MS = 30_000


def choose(device: dict) -> None:
    """Take the pins of this board, and what hangs on them: a device as in protocol/wire/device.py."""
    global pins, DISPLAY, KEYPAD
    from hal.pins import BOARDS

    pins = BOARDS[device["board"]]
    DISPLAY, KEYPAD = device["display"], device["keypad"]


def output(number: int, value: int = 0) -> machine.Pin:
    """A pin as output with its first level."""
    return machine.Pin(number, machine.Pin.OUT, value=value)


def uart(baud: int = 115200) -> machine.UART:
    """The reader's serial line, a stream for asyncio; a second call gives the same line another rate."""
    return machine.UART(
        pins["UART_ID"], baudrate=baud, tx=pins["UART_TX"], rx=pins["UART_RX"], timeout=0, rxbuf=512
    )


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


def i2c() -> machine.I2C:
    """The mono display's bus."""
    return machine.I2C(I2C_ID, scl=machine.Pin(I2C_SCL), sda=machine.Pin(I2C_SDA), freq=I2C_BAUD)


def pwm(number: int) -> machine.PWM:
    """A silent tone generator on a pin."""
    return machine.PWM(machine.Pin(number), freq=1000, duty_u16=0)


def watchdog() -> machine.WDT:
    """Resets the chip when it is not fed for WATCHDOG_MS."""
    return machine.WDT(timeout=WATCHDOG_MS)


def reset() -> None:
    """Restart the chip."""
    machine.reset()
