"""Power that may go at any step of what a chip writes: a hook is asked before and after each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

TearHook = Callable[[str, str], None]


class Powered:
    """A chip whose lasting changes happen in named steps."""

    tear_hook: TearHook | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Encloses one change that outlives the field. The hook may raise LeftField."""
        if self.tear_hook is not None:
            self.tear_hook("before", name)
        yield
        if self.tear_hook is not None:
            self.tear_hook("after", name)
