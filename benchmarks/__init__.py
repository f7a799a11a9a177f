"""What is measured, how, and the results: see README.md."""
