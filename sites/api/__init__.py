"""REST API of sign-in: a token for a name and password."""
