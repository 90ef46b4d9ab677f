"""What the runs say, as plain values: counted from ledgers, without markup."""
