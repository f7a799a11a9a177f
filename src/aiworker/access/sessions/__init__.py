"""Signing in with a browser: one-time codes, sessions."""
