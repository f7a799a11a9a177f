"""A stand-in for the program `ssh`: it runs on this machine what Gitea would run on its own."""

import shlex
from pathlib import Path

import pytest

_SSH = r"""#!/bin/sh
printf '%s\n' "$*" >>{asked}
env | grep -c token-aiworker >>{tokens}
for command do :; done
test -f {refuses} && {{ cat {refuses} >&2; exit 255; }}
eval "set -- $command"
exec "$1" {repositories}/"$(printf %s "${{2#/}}" | tr '[:upper:]' '[:lower:]')"
"""


class Ssh:
    """What the program was asked, and what it says instead of doing it."""

    def __init__(self, folder: Path, repositories: Path) -> None:
        self._asked, self._tokens, self._refuses = (folder / name for name in ("asked", "tokens", "refuses"))
        files = {"asked": self._asked, "tokens": self._tokens, "refuses": self._refuses, "repositories": repositories}
        program = folder / "bin" / "ssh"
        program.parent.mkdir(parents=True)
        program.write_text(_SSH.format(**{name: shlex.quote(str(file)) for name, file in files.items()}))
        program.chmod(0o755)
        self.bin = program.parent

    @property
    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines()

    @property
    def tokens(self) -> set[str]:
        return set(self._tokens.read_text().splitlines())

    def refuse(self, words: str) -> None:
        self._refuses.write_text(words)


def ssh_in_front(monkeypatch: pytest.MonkeyPatch, folder: Path, repositories: Path) -> Ssh:
    """Have it found before the real one."""
    made = Ssh(folder, repositories)
    monkeypatch.setenv("PATH", str(made.bin), prepend=":")
    return made
