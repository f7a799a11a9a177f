from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aiworker.cli.main import run
from aiworker.cli.starters import AgentOptions, CopiedTable, CopyTold, DemoOptions, Finding, ServeOptions, UpOptions
from aiworker.core.errors import AiWorkerError
from tests.support.stub_server import Stub, stub_server


@dataclass
class FakeStarters:
    """Keeps what was to be started."""

    started: list[object] = field(default_factory=list[object])
    failure: AiWorkerError | None = None
    steps: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    copied: Sequence[CopiedTable] = ()

    async def up(self, options: UpOptions) -> None:
        self._note(options)

    async def serve(self, options: ServeOptions) -> None:
        self._note(options)

    async def worker(self) -> None:
        self._note("worker")

    async def demo(self, options: DemoOptions) -> None:
        self._note(options)

    async def agent(self, options: AgentOptions) -> None:
        self._note(options)

    async def mcp(self) -> None:
        self._note("mcp")

    async def upgrade_database(self) -> Sequence[str]:
        self._note("upgrade")
        return self.steps

    async def copy_database(self, to: str, told: CopyTold) -> Sequence[CopiedTable]:
        self._note(to)
        for table in self.copied:
            told(table.table, table.rows, table.rows)
        return self.copied

    async def check_database(self) -> Sequence[Finding]:
        self._note("check")
        return self.findings

    async def check_neighbours(self) -> Sequence[Finding]:
        return ()

    def _note(self, what: object) -> None:
        if self.failure is not None:
            raise self.failure
        self.started.append(what)


@dataclass(frozen=True)
class Result:
    """What a command line left behind."""

    status: int
    out: str
    err: str


AiWorker = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, and no settings of whoever runs the tests."""
    for name in ("AIWORKER_URL", "AIWORKER_TOKEN", "LOG_LEVEL", "LOG_FORMAT", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def starters() -> FakeStarters:
    return FakeStarters()


@pytest.fixture
def aiworker(home: Path, starters: FakeStarters, capsys: pytest.CaptureFixture[str]) -> AiWorker:
    """Run a command line in this process."""

    def call(*words: str) -> Result:
        status = run(starters, words)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return call


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Stub]:
    """A stub that commands talk to."""
    with stub_server() as stub:
        monkeypatch.setenv("AIWORKER_URL", stub.url)
        monkeypatch.setenv("AIWORKER_TOKEN", "aiw_test")
        yield stub
