"""The settings of the database and of Redis."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from aiworker.core.settings.kinds import DatabaseParts, Port, is_address

_DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb")


class StorageSettings(BaseSettings):
    """The database, and Redis between several processes."""

    database_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="DATABASE_URL",
            description="`sqlite:///FILE`, `postgresql://…`, `mysql://…` or `mariadb://…`; by default a SQLite file in "
            "`AIWORKER_HOME`. It goes before `DB_HOST` and its kin.",
        ),
    ] = None
    db_host: Annotated[
        str | None,
        Field(validation_alias="DB_HOST", max_length=253, description="MariaDB/MySQL: its host (localhost)."),
    ] = None
    db_port: Annotated[
        Port | None, Field(validation_alias="DB_PORT", description="MariaDB/MySQL: its port (3306).")
    ] = None
    db_user: Annotated[
        str | None,
        Field(validation_alias="DB_USER", max_length=128, description="MariaDB/MySQL: the user (root)."),
    ] = None
    db_password: Annotated[
        SecretStr | None,
        Field(validation_alias="DB_PASSWORD", description="MariaDB/MySQL: the password, any characters."),
    ] = None
    db_name: Annotated[
        str | None,
        Field(validation_alias="DB_NAME", max_length=64, description="MariaDB/MySQL: the database (aiworker)."),
    ] = None
    db_pool_size: Annotated[
        int,
        Field(
            validation_alias="DB_POOL_SIZE",
            ge=1,
            le=1000,
            description="Connections to a database server; callers wait for a free one.",
        ),
    ] = 10

    redis_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="REDIS_URL",
            description="`redis://…`, `rediss://…` (TLS) or `unix://…`: by Redis, several processes hear of each other "
            "at once and share a cache. It goes before `REDIS_HOST` and `REDIS_PORT`.",
        ),
    ] = None
    redis_host: Annotated[
        str | None,
        Field(
            validation_alias="REDIS_HOST",
            pattern=r"^[A-Za-z0-9._:-]+$",
            max_length=253,
            description="Redis: its host (localhost).",
        ),
    ] = None
    redis_port: Annotated[Port | None, Field(validation_alias="REDIS_PORT", description="Redis: its port (6379).")] = (
        None
    )

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            scheme, separator, _ = value.get_secret_value().partition("://")
            if not separator or scheme.partition("+")[0] not in _DATABASES:
                raise ValueError("should begin with sqlite:///, postgresql://, mysql:// or mariadb://")
        return value

    @field_validator("redis_url", mode="after")
    @classmethod
    def _known_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("should begin with redis://, rediss:// or unix://")
        if value is not None and not is_address(value.get_secret_value()):
            raise ValueError("should look like redis://HOST:PORT/NUMBER")
        return value

    @property
    def redis(self) -> SecretStr | None:
        """The address of Redis by `REDIS_URL`, or by `REDIS_HOST` and `REDIS_PORT`; None if there is none."""
        if self.redis_url is not None or (self.redis_host is None and self.redis_port is None):
            return self.redis_url
        host = self.redis_host or "localhost"
        return SecretStr(f"redis://{f'[{host}]' if ':' in host else host}:{self.redis_port or 6379}/0")

    @property
    def database_parts(self) -> DatabaseParts | None:
        """The MariaDB/MySQL server of `DB_HOST` and its kin; None if none of them is set or `DATABASE_URL` is."""
        parts = (self.db_host, self.db_port, self.db_user, self.db_password, self.db_name)
        if self.database_url is not None or all(part is None for part in parts):
            return None
        return DatabaseParts(
            host=self.db_host or "localhost",
            port=self.db_port or 3306,
            user=self.db_user or "root",
            password=self.db_password or SecretStr(""),
            name=self.db_name or "aiworker",
        )
