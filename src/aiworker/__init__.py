"""AiWorker takes a team's backlog to production with AI coding agents, and keeps people in charge."""

from importlib.metadata import version

__version__ = version("aiworker")
