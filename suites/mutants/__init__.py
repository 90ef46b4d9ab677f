"""Mutation tests: every small change of the oracle and the verdicts must make a selftest fail."""
