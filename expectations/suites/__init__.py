"""Great Expectations suites, one per table, derived from its declaration plus domain rules."""
