"""Our card application: layout, key diversification, EV2 secure messaging, Transaction MAC, SUN."""
