"""What takes something from a card: purse debits, online payments, entries at doors, charges of tills."""
