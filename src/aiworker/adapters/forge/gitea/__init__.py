"""Where the code lives: Gitea or Forgejo."""

from aiworker.adapters.forge.gitea.addresses import ssh_of
from aiworker.adapters.forge.gitea.client import Client
from aiworker.adapters.forge.gitea.forge import GiteaForge

__all__ = ["Client", "GiteaForge", "ssh_of"]
