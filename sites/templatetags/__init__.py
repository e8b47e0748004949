"""Template filters of sites."""
