"""Three days of sales without a network, and what comes when it is back."""
