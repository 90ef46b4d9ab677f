"""The project's own tests: they check fixtures and reports, and need no framework."""
