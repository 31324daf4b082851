"""The simulated board: MicroPython's unix port dressed as an ESP32, with flash, pins, buses and a power
switch.
"""

from simulator.board.board import Board
from simulator.board.chip import State
from simulator.board.display import Display
from simulator.board.process import BoardError

__all__ = ["Board", "BoardError", "Display", "State"]
