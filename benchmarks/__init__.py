"""What is slow or large, measured; run by hand."""
