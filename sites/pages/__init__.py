"""Burden pages: from ledger and load only."""
