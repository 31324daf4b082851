"""The one exception that becomes an answer."""


class ApiError(Exception):
    """HTTP status, a word for programs, a sentence for people."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
