"""What a million robots and a hundred thousand tasks cost: `python -m benchmarks.scale`."""
