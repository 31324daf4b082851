"""What each role may do: the one place that says so."""

RIGHTS = {
    "look": "look cards, kiosks, books and alarms up; verify",
    "drawer": "open, count and close a cash drawer of one's own",
    "issue": "make a blank card a customer's",
    "load": "take money for a card, up to the operator's limit",
    "charge": "ask a kiosk for an amount, as a till does",
    "lost": "report a card lost",
    "replace": "give a customer another card for a lost or damaged one",
    "refund": "pay a card's principal back and close it, up to the operator's limit",
    "void": "end a card that holds nothing; cancel a waiting top-up of another operator",
    "hot": "put a card on the hotlist",
    "unlist": "take a card off the hotlist",
    "approve": "say yes or no to what another operator may not do alone",
    "expose": "accept that a lost card may still be used at kiosks that do not know of it yet",
    "settle": "close an open sale or book a suspect report, with a second person",
    "import": "take a list of old cards over, with a second person",
    "stock": "enter blank cards, hand them out, say how card numbers look",
    "safe": "move cash between a drawer, the safe and the bank",
    "kiosks": "register and configure kiosks",
    "updates": "bring in firmware and roll it out",
    "keys": "rotate or export keys, with a second person",
    "operators": "add, change and disable operators",
}

_CLERK = ("look", "drawer", "issue", "load", "charge", "lost", "replace", "refund")
_LEAD = (*_CLERK, "void", "hot", "approve", "stock", "safe")
_FINANCE = ("look", "approve", "expose", "settle", "import", "safe")

ROLES: dict[str, frozenset[str]] = {
    "clerk": frozenset(_CLERK),
    "lead": frozenset(_LEAD),
    "finance": frozenset(_FINANCE),
    "owner": frozenset(RIGHTS),
    # A program with a token: a till of its own, the demo, a simulator. It has no drawer and approves nothing.
    "machine": frozenset(
        ("look", "issue", "load", "charge", "lost", "replace", "refund", "void", "hot", "kiosks")
    ),
}
