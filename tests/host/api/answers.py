from werkzeug.test import TestResponse


def error(response: TestResponse, status: int, code: str) -> str:
    """The sentence of an error answer that has exactly this status and code."""
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert set(response.json) == {"error", "code"}
    return str(response.json["error"])
