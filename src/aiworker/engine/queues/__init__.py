"""Queues that can be paused or limited, and the lanes in which robots wait."""
