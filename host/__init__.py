"""The service: books, cards, terminals and the API over them."""

import sys

VERSION = "0.1.0"

# structlog loads it where it finds it, as beside our tools, to show what variables held, which we never do: a
# fifth of a command's start.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
