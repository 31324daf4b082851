"""Readers: the field a card is held into, the PN532 chip behind a serial line, and a PC/SC slot."""

from simulator.reader.field import Field
from simulator.reader.pn532 import Pn532
from simulator.reader.serve import PtyReader
from simulator.reader.vpcd import VpcdSlot

__all__ = ["Field", "Pn532", "PtyReader", "VpcdSlot"]
