"""How much the selftests notice: every small change of the oracle and the verdicts must fail one of them."""
