"""The runtimes: where previews, staging and production run."""

from aiworker.adapters.runtime.local import LocalRuntime
from aiworker.adapters.runtime.patience import Patience

__all__ = ["LocalRuntime", "Patience"]
