"""Where the code lives: the built-in forge."""

from aiworker.adapters.forge.local import LocalForge

__all__ = ["LocalForge"]
