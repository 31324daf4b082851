"""What is kept for a person, or open until a card has been seen again."""
