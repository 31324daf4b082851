"""Faults that a person can mend: a sentence that says what to do, and the exit code of the command."""

EXIT_FAILED, EXIT_USAGE, EXIT_PORT, EXIT_SETUP = 1, 2, 3, 4


class HostError(Exception):
    """str() is a whole sentence for a person; `exit_code` is what the command line ends with."""

    exit_code = EXIT_SETUP


class PortInUse(HostError):
    """Something else listens where we were told to."""

    exit_code = EXIT_PORT
