"""The service: books, cards, terminals and the API over them."""

import sys

VERSION = "0.1.0"

# Our tools bring them along; structlog and Mako load them where they find them, to colour tracebacks, and we
# print none: a fifth of a command's start.
for _tool in ("rich", "pygments"):
    sys.modules.setdefault(_tool, None)  # type: ignore[arg-type]
