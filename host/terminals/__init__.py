"""Kiosks: provisioning, the conversation with them, and the intake of what they report."""
