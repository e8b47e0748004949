"""Remind, do not nag: what is due (pure), the next notice of each visit, one digest a person and day."""
