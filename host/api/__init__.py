"""The REST API over the services: fields, rights and answers, no rules."""
