"""What every room of the house may use: settings, errors, ids, clocks, logging. Imports nothing of ours."""
