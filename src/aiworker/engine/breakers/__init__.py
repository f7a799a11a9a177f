"""Breakers: a module whose robots fail in a row gets fewer at a time, and its retries do not crowd out the rest."""
