"""The line to the broker: MQTT, its sockets, and the certificates of who may use it. Knows no kiosk."""
