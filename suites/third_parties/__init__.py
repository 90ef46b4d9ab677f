"""The tests that compare the oracle with third parties."""
