"""What data entry costs: cost (defaults and assumptions), shares (fair split), ledger, load."""
