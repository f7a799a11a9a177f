"""MCP over streamable HTTP: the door for agents, and for people's own assistants."""

from aiworker.edge.mcp.app import McpServer

__all__ = ["McpServer"]
