"""Pages at sites: worklist, visit form, patients, deliveries, reminders. Parse, one step function, render."""
