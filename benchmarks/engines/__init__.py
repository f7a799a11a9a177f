"""How fast the engine is, beside the job engines that people use: `python -m benchmarks.engines`."""
