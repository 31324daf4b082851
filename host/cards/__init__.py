"""Cards: the keys, the registry, making and loading them, the hotlist."""
