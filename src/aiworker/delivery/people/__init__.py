"""What people do and see, on top of attempts, releases and roll-outs."""
