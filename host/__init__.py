"""The service: books, cards, terminals and the API over them."""

VERSION = "0.1.0"
