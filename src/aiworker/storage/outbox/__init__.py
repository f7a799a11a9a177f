"""Events are written with the change itself, numbered by one leased relay, and handed on from there."""
