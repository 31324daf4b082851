"""Stand-ins for every piece of hardware: cards, readers, boards, networks and the people who use them."""
