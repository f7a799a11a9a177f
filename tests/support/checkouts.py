"""Checked-out git repositories for tests, made by the git program itself."""

import os
import shlex
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "LC_ALL": "C",
}


def git(folder: Path, *arguments: str, stdin: bytes | None = None, check: bool = True) -> str:
    """Run git in a folder as a person named Ada; what it says on standard output."""
    return run_git(folder, *arguments, stdin=stdin, check=check).stdout.decode(errors="replace").strip()


def run_git(
    folder: Path, *arguments: str, stdin: bytes | None = None, check: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder as a person named Ada; how it ended."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=_ENVIRONMENT, input=stdin, check=check, capture_output=True, timeout=150
    )


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Checkout:
    """A work tree with its repository."""

    def __init__(self, path: Path, *, branch: str = "main", made: bool = False) -> None:
        self.path = path
        if made:
            return
        path.mkdir(parents=True)
        git(path, "init", "--quiet", f"--initial-branch={branch}")

    @property
    def source(self) -> str:
        """The address to import it from."""
        return str(self.path)

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git in it."""
        return git(self.path, *arguments, stdin=stdin)

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file, not yet committed."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str = "Change", **files: str | bytes) -> str:
        """Write the files (`app__py` stands for `app.py`), commit everything; the commit's name."""
        for name, content in files.items():
            self.write(name.replace("__", "."), content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.head()

    def head(self, name: str = "HEAD") -> str:
        """The commit that a name stands for."""
        return self.git("rev-parse", name)

    def run(self, command: str) -> str:
        """Run a command line that a person was told to run, anywhere but here."""
        words = shlex.split(command)
        assert words[0] == "git"
        return git(self.path.parent, *words[1:])

    def hook(self, name: str, script: str) -> None:
        """Set a hook."""
        file = self.path / ".git/hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def switch(self, branch: str, *, at: str = "HEAD") -> None:
        """Go to a branch, made at a commit if it is not there."""
        if not run_git(self.path, "switch", "--quiet", branch).returncode:
            return
        self.git("switch", "--quiet", "--create", branch, at)
