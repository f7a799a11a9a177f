"""Settings: environment variables and a `.env` file, checked once at the start and passed on as values.

`python -m aiworker.core.reference` writes the reference page (docs/reference/settings.md).
"""

from aiworker.core.settings.client import ClientSettings
from aiworker.core.settings.loading import Settings, load_settings, own_variables, variable

__all__ = ["ClientSettings", "Settings", "load_settings", "own_variables", "variable"]
