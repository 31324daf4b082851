"""Words that the modules about cards share."""

from collections.abc import Generator

Procedure = Generator[bytes, bytes, None]  # see protocol.card.apdu; one that has no result
FACTORY_KEY = bytes(16)  # of every key of a new application, and of a blank card


class RegistryError(Exception):
    """The card's life does not allow this; str() is a sentence, code a word."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotPersonalisable(Exception):
    """The card holds something that is not ours to change; str() is a sentence."""
