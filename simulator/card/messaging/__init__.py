"""Secure messaging, the card's side: one interface, three ways (d40, ev1, ev2)."""

from simulator.card.messaging.session import CommMode, Session

__all__ = ["CommMode", "Session"]
