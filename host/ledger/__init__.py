"""Double entry. The only code that writes money."""
