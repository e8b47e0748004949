"""Pages of the catalog: requests, upload and report, mapping review, elements."""
