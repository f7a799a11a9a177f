"""The runtimes: where previews, staging and production run."""

from aiworker.adapters.runtime.cgroups import Cgroups
from aiworker.adapters.runtime.local import LocalRuntime
from aiworker.adapters.runtime.patience import Patience
from aiworker.adapters.runtime.turn import Turn
from aiworker.adapters.runtime.view import LocalRuntimeView

__all__ = ["Cgroups", "LocalRuntime", "LocalRuntimeView", "Patience", "Turn"]
