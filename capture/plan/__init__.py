"""Step 4: which timepoints are owed, and the fewest visits that serve them. Rules are pure; scheduling applies them."""
