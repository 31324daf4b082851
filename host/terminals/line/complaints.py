"""What is said of a broker that is not there, or not as we need it."""

KEPT = "kiosks keep their reports, and we go on trying"
GONE = f"the broker does not answer; {KEPT}"
SILENT = "the broker ends the connection before it answers; "
ALONE = SILENT + "check that there is an MQTT broker at this address"
SHARED = SILENT + "several workers need one that knows MQTT 5, as mosquitto does"
