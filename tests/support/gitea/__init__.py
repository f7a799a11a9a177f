"""A Gitea for tests; `server.py` tells how it is used."""

from tests.support.gitea.server import Answer, Cut, FakeGitea, Slow, fake_gitea

__all__ = ["Answer", "Cut", "FakeGitea", "Slow", "fake_gitea"]
