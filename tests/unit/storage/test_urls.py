import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from aiworker.core.errors import Invalid
from aiworker.core.settings import Settings
from aiworker.storage.urls import database_url


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


def test_by_default_it_is_a_file_in_the_home_folder() -> None:
    url = database_url(settings(AIWORKER_HOME="/data/with space"))
    assert (url.get_backend_name(), url.database) == ("sqlite", "/data/with space/aiworker.db")


@given(password=st.text(min_size=1, max_size=30, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_password_of_any_characters_reaches_the_driver_unchanged(password: str) -> None:
    url = database_url(settings(DB_HOST="db.example", DB_PASSWORD=password))
    assert url.password == password
    assert make_url(url.render_as_string(hide_password=False)).password == password


@pytest.mark.parametrize("written", ["p!\\@#%s", "p!%5C%40%23%25s"])
def test_a_password_in_a_url_may_be_percent_encoded_or_as_it_is(written: str) -> None:
    url = database_url(settings(DATABASE_URL=f"mariadb://ada:{written}@db.example:3307/shop"))
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "ada",
        "p!\\@#%s",
        "db.example",
        3307,
        "shop",
    )


def test_the_parts_mean_mariadb_with_its_usual_port_user_and_name() -> None:
    url = database_url(settings(DB_HOST="db.example"))
    assert url.render_as_string(hide_password=False) == "mysql://root@db.example:3306/aiworker?charset=utf8mb4"


def test_the_older_name_of_postgresql_is_understood() -> None:
    assert database_url(settings(DATABASE_URL="postgres://u@h/d")).get_backend_name() == "postgresql"


@pytest.mark.parametrize("wrong", ["postgresql://host:port/name", "postgresql://host", "sqlite://"])
def test_a_url_that_names_no_database_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(Invalid, match=r"^DATABASE_URL is wrong: it should [a-zA-Z ]+\.$"):
        database_url(settings(DATABASE_URL=wrong))
