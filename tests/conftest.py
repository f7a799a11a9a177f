import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from aiworker.storage.database import Database
from tests.support.databases import BACKENDS, Backend, fresh_database
from tests.support.redis_server import RedisServer

# How long an example takes is the machine's business; what CI tries is the same each time.
settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")
# As in the program: a traceback in colours takes a second to paint.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """The database that a test runs on: each in turn."""
    return request.param


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands above the queries is the same on every database: on the servers it is `make soak`'s."""
    for item in items:
        on = getattr(item, "callspec", None)
        if item.get_closest_marker("above_queries") and on is not None and on.params.get("backend") != "sqlite":
            item.add_marker(pytest.mark.soak)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """A Redis of the test's own, which may be stopped."""
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """On CI nothing may be skipped: a test that did not run proves nothing."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (with CI=true a skip is a failure)"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
