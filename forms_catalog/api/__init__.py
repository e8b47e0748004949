"""REST API of dictionaries: hand in, see the report and the mapping state."""
