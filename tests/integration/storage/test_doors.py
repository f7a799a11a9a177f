"""Getting into a database server: passwords of any characters, and what is said when it lets nobody in."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import URL, make_url

from aiworker.app.doctor import database_findings
from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import Unavailable
from aiworker.core.settings import Settings, load_settings
from aiworker.storage.database import open_database
from aiworker.storage.migrate import upgrade
from aiworker.storage.troubles import DatabaseRefused
from aiworker.storage.urls import database_url
from tests.support.databases import SERVERS, Backend, empty_server_database
from tests.support.keeper import free_port
from tests.support.servers import server_url
from tests.support.statements import run

SECRET = r"p!a\s@s#w%o rd"
NAMES = iter(range(1000))

on_the_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)

User = Callable[..., Awaitable[URL]]


@pytest.fixture
def door(backend: Backend) -> User:
    """Makes a user with the secret for a new database, and gives the URL that they would use."""

    async def user(*, may_use: bool = True) -> URL:
        url = empty_server_database(backend)
        name = f"visitor_{url.database}_{next(NAMES)}"
        if backend == "postgresql":
            statements = [
                "DO $$ BEGIN CREATE ROLE guarded;"
                " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
                f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}' IN ROLE guarded",
                f"ALTER DATABASE {url.database} OWNER TO {name}" if may_use else "SELECT 1",
            ]
        else:
            name = name[-60:]
            statements = [f"CREATE USER '{name}'@'%' IDENTIFIED BY '{SECRET.replace(chr(92), chr(92) * 2)}'"]
            if may_use:
                statements.append(f"GRANT ALL PRIVILEGES ON {url.database}.* TO '{name}'@'%'")
        await run(make_url(server_url(backend)), *statements)
        return url.set(username=name, password=SECRET)

    return user


def settings_of(url: URL | str) -> Settings:
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    return Settings.model_validate({"DATABASE_URL": text})


async def findings(url: URL) -> Finding:
    (found,) = await database_findings(settings_of(url))
    return found


async def answers(settings: Settings) -> bool:
    database = open_database(database_url(settings))
    try:
        await database.ping()
    finally:
        await database.close()
    return True


@on_the_servers
async def test_a_password_of_odd_characters_works_percent_encoded_in_a_url(door: User) -> None:
    url = await door()
    text = f"{url.get_backend_name()}://{url.username}:{quote(SECRET, safe='')}@{url.host}:{url.port}/{url.database}"
    assert await answers(settings_of(text))


@on_the_servers
async def test_a_password_of_odd_characters_works_as_it_is_in_a_url(door: User) -> None:
    url = await door()
    text = f"{url.get_backend_name()}://{url.username}:{SECRET}@{url.host}:{url.port}/{url.database}"
    assert await answers(settings_of(text))


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
@pytest.mark.parametrize("where", ["environment", "file", "file, quoted"])
async def test_a_password_of_odd_characters_works_as_a_part_of_its_own(
    door: User, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await door()
    parts = {
        "DB_HOST": str(url.host),
        "DB_PORT": str(url.port),
        "DB_USER": str(url.username),
        "DB_PASSWORD": SECRET,
        "DB_NAME": str(url.database),
    }
    monkeypatch.delenv("DATABASE_URL", raising=False)
    file = tmp_path / ".env"
    if where == "file, quoted":
        parts["DB_PASSWORD"] = f"'{SECRET.replace(chr(92), chr(92) * 2)}'"
    if where.startswith("file"):
        file.write_text("".join(f"{name}={value}\n" for name, value in parts.items()))
    else:
        for name, value in parts.items():
            monkeypatch.setenv(name, value)
    assert await answers(load_settings(Settings, env_file=file))


@on_the_servers
async def test_a_user_of_a_database_can_upgrade_it_and_doctor_says_that_all_is_well(door: User) -> None:
    url = await door()
    await upgrade(url)
    found = await findings(url)
    assert found.mark is Mark.GOOD
    assert SECRET not in found.message


@on_the_servers
async def test_a_login_that_is_refused_is_told_with_the_statements_that_are_missing(
    backend: Backend, door: User
) -> None:
    url = await door()
    found = await findings(url.set(password="another"))
    assert found.mark is Mark.BAD
    assert found.message == f"The database server at 127.0.0.1:{url.port} refuses the login of {url.username}."
    remedy = str(found.remedy)
    if backend == "mariadb":
        assert f"CREATE USER '{url.username}'@'%' IDENTIFIED BY '…';" in remedy
        assert f"GRANT ALL PRIVILEGES ON `{url.database}`.* TO '{url.username}'@'%';" in remedy
    else:
        assert f"CREATE ROLE \"{url.username}\" LOGIN PASSWORD '…';" in remedy
        assert f'GRANT ALL PRIVILEGES ON DATABASE "{url.database}" TO "{url.username}";' in remedy
    assert "another" not in found.message + remedy


@on_the_servers
async def test_the_statements_that_doctor_prints_let_the_user_in(backend: Backend, door: User) -> None:
    url = (await door()).set(username=f"new_{next(NAMES)}_{empty_server_database(backend).database}")
    refused = str((await findings(url)).remedy)
    statements = [
        line.strip("()").removeprefix("in that database: ").rstrip(";").replace("…", SECRET.replace("\\", "\\\\"))
        for line in refused.splitlines()
        if line.endswith((";", ";)")) and not line.startswith("(if it exists")
    ]
    assert len(statements) >= 2
    await run(make_url(server_url(backend)).set(database=url.database), *statements)
    if backend == "mariadb":
        await upgrade(url)
        assert (await findings(url)).mark is Mark.GOOD


@on_the_servers
async def test_a_user_who_may_not_use_the_database_is_told_the_grant(backend: Backend, door: User) -> None:
    url = await door(may_use=False)
    with pytest.raises(DatabaseRefused, match=f"{url.username} may not use or change the database") as refused:
        await upgrade(url)
    assert "GRANT ALL" in refused.value.remedy
    assert "CREATE USER" not in refused.value.remedy


@on_the_servers
async def test_a_database_that_is_not_there_is_told_with_the_statement_that_makes_it(backend: Backend) -> None:
    found = await findings(make_url(server_url(backend)).set(database="nowhere"))
    assert found.message.startswith("There is no database nowhere at 127.0.0.1:")
    assert "CREATE DATABASE" in str(found.remedy)


@on_the_servers
async def test_a_server_that_is_away_is_told_in_one_sentence(backend: Backend) -> None:
    port = free_port()
    found = await findings(make_url(server_url(backend)).set(port=port))
    assert (found.message, found.remedy) == (f"No database server answers at 127.0.0.1:{port}.", None)


@on_the_servers
async def test_a_name_that_nobody_knows_is_told_in_one_sentence(backend: Backend) -> None:
    found = await findings(make_url(server_url(backend)).set(host="no.such.host.invalid", port=None))
    assert found.message.startswith("No database server answers at no.such.host.invalid:")


@on_the_servers
async def test_a_unit_of_work_does_not_tell_strangers_who_was_refused_where(door: User) -> None:
    url = (await door()).set(password="another")
    database = open_database(url)
    with pytest.raises(Unavailable, match=r"^The database does not answer; try again\.$"):
        await database.ping()
    await database.close()
