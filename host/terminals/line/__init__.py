"""The line to the broker: MQTT, its sockets, and the certificates of who may use it. Knows no kiosk."""

WORKERS_MAX = 16  # of one host; each has a certificate of its own
