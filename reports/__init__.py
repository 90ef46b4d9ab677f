"""From ledgers to pages; imports nothing of the run side."""
