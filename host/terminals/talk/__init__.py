"""The conversation with kiosks: hello, news of lists and configurations, what is missing, greetings."""
