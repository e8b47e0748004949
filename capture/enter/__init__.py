"""Writes: patients in, events, drafts, answers. Each lifecycle has one gateway here."""
