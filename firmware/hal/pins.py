"""Which pin goes where, for every board: the one file with such numbers (docs/hardware.md shows them).

Needed once, when a kiosk starts. A display is either an ST7789 on SPI or an SSD1306 on I2C: both use the
same two lines. TILL_UART is (number of the UART, TX, RX).
"""

_WROOM32 = {  # ESP32-WROOM-32 devkit, 38 pins: the reference
    "UART_ID": 1,
    "UART_TX": 17,
    "UART_RX": 16,
    "READER_RESET": 4,  # PN532 RSTPD_N, low = reset
    "SPI_ID": 2,
    "SPI_SCK": 18,
    "SPI_MOSI": 23,
    "OLED_SCL": 18,
    "OLED_SDA": 23,
    "LCD_CS": 5,
    "LCD_DC": 27,
    "LCD_RST": 26,
    "LCD_BACKLIGHT": 14,
    "BUZZER": 25,
    "LED_GREEN": 32,
    "LED_RED": 33,
    "KEY_ROWS": (13, 19, 15, 2),
    "KEY_COLUMNS": (34, 35, 36, 39),  # inputs without a pull-up inside: 10 kOhm to 3.3 V each
    "KEY_PULL": 0,
    "TILL_UART": (2, 22, 21),
}
_S3 = {  # ESP32-S3-DevKitC-1, also with octal PSRAM, which takes 33 to 37
    "UART_ID": 1,
    "UART_TX": 17,
    "UART_RX": 18,
    "READER_RESET": 16,
    "SPI_ID": 1,
    "SPI_SCK": 12,
    "SPI_MOSI": 11,
    "OLED_SCL": 12,
    "OLED_SDA": 11,
    "LCD_CS": 10,
    "LCD_DC": 9,
    "LCD_RST": 14,
    "LCD_BACKLIGHT": 13,
    "BUZZER": 5,
    "LED_GREEN": 6,
    "LED_RED": 7,
    "KEY_ROWS": (39, 40, 41, 42),
    "KEY_COLUMNS": (1, 2, 8, 15),
    "KEY_PULL": 1,
    "TILL_UART": (2, 47, 21),
}
BOARDS = {"wroom32": _WROOM32, "s3": _S3}
