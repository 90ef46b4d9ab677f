"""The facts that pages and reports show: plain values computed from ledgers, without markup."""
