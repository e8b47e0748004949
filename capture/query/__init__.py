"""Checks of typed values (checks, pure) and questions about submitted ones (queries)."""
