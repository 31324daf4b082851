"""Drivers of the parts around the chip; they get their pins and buses from hal."""
