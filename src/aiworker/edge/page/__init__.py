"""The built web app, served as files by this server."""

from aiworker.edge.page.app import Page

__all__ = ["Page"]
