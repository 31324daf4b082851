"""Kiosks: who they are, what each is configured to do, which of them are lost, and what they lack."""
