"""The settings of commands that talk to a server."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from aiworker.core.settings.kinds import HttpUrl, LogFormat, LogLevelName

# A header as OpenTelemetry writes it into a variable.
_PAIR = re.compile(r"[A-Za-z0-9-]+=[!-~]+")


class ClientSettings(BaseSettings):
    """What the commands that talk to a server need."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Annotated[Path, Field(validation_alias="AIWORKER_HOME", description="Where data and keys are kept.")] = Path(
        "~/.aiworker"
    )
    server_url: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="AIWORKER_URL",
            description="The server that commands talk to; by default the one that runs on this machine.",
        ),
    ] = None
    token: Annotated[
        SecretStr | None,
        Field(
            validation_alias="AIWORKER_TOKEN",
            description="The key that commands use; by default the admin key in `AIWORKER_HOME`.",
        ),
    ] = None
    log_level: Annotated[
        LogLevelName,
        Field(validation_alias="LOG_LEVEL", description="`debug`, `info`, `warning` or `error`."),
    ] = "info"
    log_format: Annotated[
        LogFormat | None,
        Field(
            validation_alias="LOG_FORMAT",
            description="`json` (one object per line) or `text`; by default text on a terminal, else JSON.",
        ),
    ] = None

    otlp_endpoint: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
            description="Where log lines are sent, too, by OTLP over HTTP (`http://collector:4318`).",
        ),
    ] = None
    otlp_headers: Annotated[
        SecretStr | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_HEADERS",
            description="What is sent along for that: `name=value`, separated by commas, values encoded as in a URL.",
        ),
    ] = None

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError("names a home folder that cannot be found") from error

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("otlp_headers", mode="after")
    @classmethod
    def _pairs(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(_PAIR.fullmatch(pair.strip()) for pair in value.get_secret_value().split(",")):
            raise ValueError("should look like name=value,name=value")
        return value

    @property
    def otlp_header_fields(self) -> dict[str, str]:
        """`OTEL_EXPORTER_OTLP_HEADERS`, taken apart."""
        if self.otlp_headers is None:
            return {}
        pairs = (pair.strip().partition("=") for pair in self.otlp_headers.get_secret_value().split(","))
        return {name: unquote(value) for name, _, value in pairs}

    @property
    def admin_key_file(self) -> Path:
        """The admin key that `up` keeps (mode 0600)."""
        return self.home / "admin.key"
