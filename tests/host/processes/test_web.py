import subprocess
import sys

SECRET = ("host.cards.keeper", "host.cards.readers", "host.service", "host.installation")


def loaded(module: str) -> list[str]:
    """Which of the modules around keys come along with one, in a fresh interpreter."""
    program = f"import sys, {module}; print(*(name for name in {SECRET} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_web_process_loads_nothing_that_has_to_do_with_keys() -> None:
    assert loaded("host.processes.web") == []
    assert loaded("host.processes.intake") == list(SECRET), "or the names are wrong"
