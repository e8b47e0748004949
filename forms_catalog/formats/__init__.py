"""Step 1: file formats. Each module reads bytes into specs and problems; none touches the database."""
