"""Keeps a private server alive as long as a test run: `python -m tests.support.keeper KIND FOLDER PID`.

When the server answers, its URL stands in FOLDER/url; if it cannot start, the reason in FOLDER/failed. When the process
PID is gone, however it went, the server is stopped and the folder removed.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_PATIENCE_SECONDS = 90
_LOOK_SECONDS = 0.2
_held: list[socket.socket] = []


class CannotStart(Exception):
    """Its sentence says why."""


def main(kind: str, folder: Path, pid: int) -> None:
    """Start, tell, wait, stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server: subprocess.Popen[bytes] | None = None
    try:
        server, url = STARTERS[kind](folder)
        _tell(folder / "url", url)
        while _alive(pid) and server.poll() is None:
            time.sleep(_LOOK_SECONDS)
    except (CannotStart, OSError, subprocess.SubprocessError) as error:
        _tell(folder / "failed", str(error))
        while _alive(pid):
            time.sleep(_LOOK_SECONDS)
    finally:
        if server is not None:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            (folder.parent / f"{kind}.lock").unlink()
            folder.parent.rmdir()


def start_postgresql(folder: Path, *, durable: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """Debian's PostgreSQL. Unless `durable` (as it is by itself), without a care for power cuts."""
    programs = _newest("/usr/lib/postgresql/*/bin/initdb").parent
    user = _lend(folder, "postgres")
    data, port = folder / "data", free_port()
    _run([programs / "initdb", "-D", data, "-U", "aiworker", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], user)
    # Everyone may come in, but for those whom a test makes prove who they are.
    rules = data / "pg_hba.conf"
    rules.write_text(f"host all +guarded 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 300,
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = _start([programs / "postgres", "-D", data, *options], user, folder)
    _wait_for(server, folder, lambda: _quiet([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]))
    return server, f"postgresql://aiworker@127.0.0.1:{port}/postgres"


def start_mariadb(folder: Path, *, durable: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """Debian's MariaDB. Unless `durable` (every commit is flushed to disk), without a care for power cuts."""
    user = _lend(folder, "mysql")
    data, port, socket_file = folder / "data", free_port(), folder / "socket"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    _run([*install, "--auth-root-authentication-method=normal"], user)
    careless = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"]
    server = _start(
        [
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={socket_file}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            *(["--innodb-flush-log-at-trx-commit=1"] if durable else careless),
            "--innodb-buffer-pool-size=256M",
            "--innodb-log-file-size=256M",
            "--max-connections=300",
            "--character-set-server=utf8mb4",
            "--skip-name-resolve",
            "--skip-log-bin",
        ],
        user,
        folder,
    )
    client = [_program("mariadb"), "--no-defaults", f"--socket={socket_file}", "-u", "root", "-e"]
    _wait_for(server, folder, lambda: _quiet([*client, "SELECT 1"]))
    _run([*client, "CREATE USER aiworker@'%'; GRANT ALL ON *.* TO aiworker@'%' WITH GRANT OPTION"], None)
    return server, f"mariadb://aiworker@127.0.0.1:{port}/mysql"


def start_redis(folder: Path, *, durable: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """Debian's Redis. It keeps nothing on disk, unless `durable`: then it appends, and flushes once a second."""
    port = free_port()
    keep = ["--appendonly", "yes", "--appendfsync", "everysec"] if durable else ["--appendonly", "no"]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", *keep]
    server = _start([_program("redis-server"), *arguments, "--dir", str(folder)], None, folder)
    _wait_for(server, folder, lambda: _quiet([_program("redis-cli"), "-p", str(port), "ping"]))
    return server, f"redis://127.0.0.1:{port}/0"


STARTERS: dict[str, Callable[[Path], tuple[subprocess.Popen[bytes], str]]] = {
    "postgresql": start_postgresql,
    "mariadb": start_mariadb,
    "redis": start_redis,
}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that nobody is given by chance while this process lives: Linux
    passes over a bound one, and lets a server have it that asks for it (with SO_REUSEADDR, as servers do)."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = int(held.getsockname()[1])
    if sys.platform == "linux":
        _held.append(held)
    else:
        held.close()
    return port


def _lend(folder: Path, user: str) -> str | None:
    """These servers refuse to run as root, so root lends the folder to the user of the Debian package."""
    if os.geteuid() != 0:
        return None
    try:
        owner = pwd.getpwnam(user)
    except KeyError:
        raise CannotStart(f"there is no user {user}") from None
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return user


def _newest(pattern: str) -> Path:
    found = sorted(Path("/").glob(pattern.lstrip("/")))
    if not found:
        raise CannotStart(f"{pattern} is missing")
    return found[-1]


def _program(name: str) -> str:
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    if (found := shutil.which(name, path=places)) is None:
        raise CannotStart(f"{name} is missing")
    return found


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run([*command], user=user, capture_output=True, cwd="/", check=False, timeout=_PATIENCE_SECONDS)
    if done.returncode != 0:
        raise CannotStart(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")


def _start(command: Sequence[str | Path], user: str | None, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([*command], user=user, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/")


def _quiet(command: Sequence[str | Path]) -> bool:
    return subprocess.run([*command], capture_output=True, check=False).returncode == 0


def _wait_for(server: subprocess.Popen[bytes], folder: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise CannotStart(f"the server did not come up: {(folder / 'log').read_text(errors='replace')[-500:]}")
        time.sleep(_LOOK_SECONDS)


def _alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _tell(file: Path, text: str) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)


if __name__ == "__main__" and os.fork() == 0:
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
