"""Fills the AgentPool port: agents as pods of a Deployment."""

from aiworker.adapters.agents.pods import AgentPods

__all__ = ["AgentPods"]
