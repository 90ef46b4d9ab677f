"""The prose linter: it finds words that the glossary replaces, and sentences that are too long."""
