"""The prose linter: the words of the glossary, and the length of sentences."""
