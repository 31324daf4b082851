"""Programs of others that judge the emulator, and what they sent, kept for the firmware's driver."""
