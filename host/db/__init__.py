"""SQLite: connections, transactions, the schema and its versions."""
