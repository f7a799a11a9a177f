"""Reading the settings from the environment and a `.env` file."""

from pathlib import Path
from typing import TypeVar

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError

from aiworker.core.errors import Invalid
from aiworker.core.settings.client import ClientSettings
from aiworker.core.settings.platform import PlatformSettings
from aiworker.core.settings.server import ServerSettings
from aiworker.core.settings.storage import StorageSettings

S = TypeVar("S", bound=ClientSettings)


class Settings(PlatformSettings, StorageSettings, ServerSettings, ClientSettings):
    """What the server needs. Field by field the same as docs/reference/settings.md."""


def load_settings(kind: type[S], *, env_file: Path | None = Path(".env")) -> S:
    """Read `kind` (`Settings` or `ClientSettings`) from the environment, then from `env_file` if it is there.

    Raises: Invalid, with one sentence that names the variable.
    """
    try:
        return kind(_env_file=env_file)  # pyright: ignore[reportCallIssue] (pydantic-settings' own argument)
    except ValidationError as error:
        raise _sentence(kind, error) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"The file {env_file} cannot be read as settings.", code="setting_invalid") from error


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable that a field is read from."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else name.upper()


def own_variables() -> frozenset[str]:
    """Every variable that AiWorker is set by: what it starts for others gets none of them."""
    return frozenset(variable(name, field) for name, field in Settings.model_fields.items())


def _sentence(kind: type[ClientSettings], error: ValidationError) -> Invalid:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    wrong = str(problem["loc"][0])
    name = {name: variable(name, field) for name, field in kind.model_fields.items()}.get(wrong, wrong)
    # Pydantic begins with what the value is to it: Input, String, URL.
    _, should, rest = problem["msg"].partition("should ")
    rule = should + rest or problem["msg"].removeprefix("Value error, ").removeprefix("Value ")
    return Invalid(f"{name} is wrong: it {rule}.", code="setting_invalid", details={"variable": name})
