"""What came from kiosks: their reports, the numbers that the books hold of them, acknowledgements."""
