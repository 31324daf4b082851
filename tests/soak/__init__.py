"""A kiosk that works for a day: taps one after the other on a clock that leaps between them."""
