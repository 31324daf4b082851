"""Words that the modules about cards share."""


class RegistryError(Exception):
    """The card's life does not allow this; str() is a sentence, code a word."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
