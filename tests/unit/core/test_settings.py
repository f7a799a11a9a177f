from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.core.errors import Invalid
from aiworker.core.reference import reference
from aiworker.core.settings import ClientSettings, Settings, load_settings, variable

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(variable(name, field), raising=False)


def load() -> Settings:
    return load_settings(Settings, env_file=None)


def test_every_setting_is_documented() -> None:
    assert REFERENCE.read_text() == reference(), "run: python -m aiworker.core.reference > docs/reference/settings.md"


def test_without_any_variable_everything_has_a_value_for_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    settings = load()
    assert settings.home == Path("/home/ana/.aiworker")
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.environment == "local"
    assert settings.preview_domain == "preview.localhost"
    assert settings.database_url is None
    assert settings.database_parts is None
    assert settings.db_pool_size == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_POOL_SIZE", "many"),
        ("DB_POOL_SIZE", "0"),
        ("DB_PORT", "70000"),
        ("AIWORKER_PORT", "http"),
        ("AIWORKER_ENV", "über local"),
        ("AIWORKER_URL", "localhost:3000"),
        ("AIWORKER_ALLOWED_HOSTS", "good.example, bad host"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("K8S_IN_CLUSTER", "perhaps"),
        ("DATABASE_URL", "mongodb://u:hunter2@h/d"),
        ("DATABASE_URL", "hunter2"),
        ("REDIS_URL", "http://:hunter2@h"),
        ("REDIS_URL", "redis://:hunter2@h:many"),
        ("REDIS_URL", "redis://:hunter2@"),
        ("REDIS_URL", "redis://:hunter2@h/first"),
        ("REDIS_HOST", "redis.example/0"),
        ("REDIS_PORT", "0"),
        ("GITEA_URL", "ftp://git.example"),
        ("SECRET_KEY", "hunter2"),
        ("PREVIEW_DOMAIN", "a b"),
        ("AIWORKER_HOME_SHARED", "perhaps"),
        ("AIWORKER_METRICS_PORT", "70000"),
        ("AIWORKER_AGENTS", "agent"),
        ("AIWORKER_AGENTS", "Agents/agent"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,hunter2"),
    ],
)
def test_a_wrong_value_is_refused_with_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid) as refused:
        load()
    assert refused.value.message.startswith(f"{name} is wrong: it ")
    assert "\n" not in refused.value.message
    assert "hunter2" not in refused.value.message
    assert refused.value.details == {"variable": name}


def test_variables_of_other_programs_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "x86_64-conda-linux-gnu")
    monkeypatch.setenv("PORT", "8080")
    monkeypatch.setenv("TOKEN", "somebody else's")
    settings = load()
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 3000, None)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_POOL_SIZE", "")
    assert load().db_pool_size == 10


def test_the_environment_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("AIWORKER_PORT=4000\nAIWORKER_ENV=test\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("AIWORKER_PORT", "5000")
    settings = load_settings(Settings, env_file=file)
    assert (settings.port, settings.environment) == (5000, "test")


def test_an_env_file_that_is_not_text_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"AIWORKER_ENV=\xff\xfe")
    with pytest.raises(Invalid, match=r"\.env cannot be read"):
        load_settings(Settings, env_file=file)


def test_a_client_does_not_mind_a_server_setting_of_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mongodb://somebody/else")
    assert load_settings(ClientSettings, env_file=None).server_url is None


def test_one_database_part_is_enough_and_the_others_get_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_HOST", "db.example")
    parts = load().database_parts
    assert parts is not None
    assert (parts.host, parts.port, parts.user, parts.name) == ("db.example", 3306, "root", "aiworker")


def test_the_database_url_goes_before_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_HOST", "db.example")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/aiworker")
    assert load().database_parts is None


@given(password=st.text(min_size=1, max_size=40))
def test_no_secret_shows_when_settings_are_printed(password: str) -> None:
    marked = f"hunter2{password}"
    settings = Settings.model_validate({"DB_PASSWORD": marked, "GITEA_TOKEN": marked})
    assert settings.db_password is not None
    assert settings.db_password.get_secret_value() == marked
    assert "hunter2" not in repr(settings)


def test_allowed_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWORKER_ALLOWED_HOSTS", "a.example, b.example")
    assert load().allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, None),
        ({"REDIS_HOST": "redis.example"}, "redis://redis.example:6379/0"),
        ({"REDIS_PORT": "6380"}, "redis://localhost:6380/0"),
        ({"REDIS_HOST": "::1", "REDIS_PORT": "6380"}, "redis://[::1]:6380/0"),
        (
            {"REDIS_HOST": "other.example", "REDIS_URL": "rediss://:p%40ss@redis.example/2"},
            "rediss://:p%40ss@redis.example/2",
        ),
        ({"REDIS_URL": "unix:///run/redis.sock"}, "unix:///run/redis.sock"),
    ],
)
def test_redis_is_named_by_its_url_or_by_its_parts(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], address: str | None
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = load().redis
    assert (found and found.get_secret_value()) == address


def test_otlp_headers_are_written_as_opentelemetry_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().otlp_header_fields == {}
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20YTpi, X-Scope-OrgID=team")
    assert load().otlp_header_fields == {"Authorization": "Basic YTpi", "X-Scope-OrgID": "team"}
    assert "YTpi" not in repr(load())
