"""kill -9 at random moments: nothing that was acknowledged is lost, nothing is booked twice."""
