"""What the supervisor tells the web process when it starts it."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Settings:
    """data: the folder; port, lifeline, ready: descriptors of HTTP's listening socket, of the pipe that ends
    with the supervisor, of the one to say that we serve; supervisor: its pid."""

    data: str
    port: int
    lifeline: int
    ready: int
    supervisor: int
    log_format: str
    readers: tuple[str, ...] = ()  # names that a clerk's page offers

    def to_argument(self) -> str:
        """For the command line, where everybody can read it: no secret is in it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls, argument: str) -> "Settings":
        """The same back."""
        content = json.loads(argument)
        return cls(**content | {"readers": tuple(content["readers"])})
