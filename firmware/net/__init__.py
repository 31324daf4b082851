"""Link to the host: Wi-Fi, MQTT client, synchronisation of the journal."""
