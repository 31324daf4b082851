"""A new firmware: into the other slot, checked, tried, and back to the old one when it does not prove
itself.
"""
