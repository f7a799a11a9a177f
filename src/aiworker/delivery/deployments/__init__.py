"""Deployments: every roll-out, by whom, of what, and how it went."""
