"""The local socket on which the web process asks the intake, and hears of what was committed."""

SOCKET_NAME = "intake.sock"  # in the data folder
