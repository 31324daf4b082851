"""The simulated board: MicroPython's unix port dressed as an ESP32, with flash, pins, buses and a power
switch.
"""

from simulator.board.board import Board
from simulator.board.chip import State
from simulator.board.display import Display
from simulator.board.oled import Oled
from simulator.board.process import HEAP_BYTES, BoardError

__all__ = ["HEAP_BYTES", "Board", "BoardError", "Display", "Oled", "State"]
