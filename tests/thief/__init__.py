"""What whoever has stolen a kiosk can do to the others."""
