"""The processes of a host: the supervisor, the intake with keys and ledger, the web without them."""
