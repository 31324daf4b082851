"""Lists of old cards, as CSV or XLSX: read with care, checked row by row, taken over whole or not at all."""

from host.cards.imports.sheet import FileError, Sheet, read
from host.cards.imports.take_over import Report, take_over

__all__ = ["FileError", "Report", "Sheet", "read", "take_over"]
