"""What a handler is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from host import fields
from host.errors import Refused
from host.operators import Operator
from host.service import Service


@dataclass(frozen=True)
class Asked:
    """fields: as the web sent them, {token, body, uid, ...}; by: whose token it is, with the call's right."""

    service: Service
    fields: dict[str, Any]
    by: Operator | None = None

    @property
    def operator(self) -> Operator:
        """Who asks; not for calls that need no token."""
        assert self.by is not None, "a call without a right asks for no operator"
        return self.by

    def machine(self, act: str) -> Operator:
        """Who asks for the house's cash. Refused for a person, who has a drawer: act is what he does."""
        if not self.operator.is_machine:
            sentence = f"A person takes and gives cash out of a drawer: POST /api/v1/desk/{act}."
            raise Refused(403, "person", sentence)
        return self.operator

    def body(self, *names: str) -> dict[str, Any]:
        """The request's JSON object, of which every field is one of these; Refused."""
        content = self.fields.get("body")
        return fields.known(content if isinstance(content, dict) else {}, names)

    def not_full(self) -> None:
        """Refused 503 before anything is done: what changes has to be told to the kiosks, through the
        intake's queue."""
        if self.service.intake.busy:
            raise Refused(
                503, "busy", "The intake is busy with what kiosks report: nothing was done, ask again."
            )


Task = Callable[[Asked], Any]
