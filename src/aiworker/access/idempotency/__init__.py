"""A request that is sent twice has its effect once."""
