"""The HTTP API: requests in, the desk asked, answers out."""
