"""Hands a push on to Gitea, within the push itself: run by git as its `proc-receive` hook, with no library at hand.

What Gitea takes is confirmed to whoever pushes and noted in the mirror; what it refuses is refused, with its own words.
`AIWORKER_FORWARD` holds, as JSON, the address (`to`) and the environment that git gets with Gitea.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import BinaryIO

_NOTHING = "0" * 40
_SECONDS = 3_600
_VERSION = "version=1"


def main() -> None:
    """One push: git's `proc-receive` protocol on standard input and output."""
    list(_packets(sys.stdin.buffer))
    _answer([_VERSION])
    commands = [tuple(line.split(" ", 2)) for line in _packets(sys.stdin.buffer)]
    told = json.loads(os.environ["AIWORKER_FORWARD"])
    taken, refused = _push(told["to"], told["environment"], [(old, new, ref) for old, new, ref in commands])
    _note(taken)
    _answer([f"ok {ref}" for ref in taken] + [f"ng {ref} {reason}" for ref, reason in refused.items()])


def _push(
    to: str, environment: dict[str, str], commands: list[tuple[str, str, str]]
) -> tuple[dict[str, str], dict[str, str]]:
    """What Gitea took (ref: its commit), and what it refused (ref: why)."""
    leases = [f"--force-with-lease={ref}:{'' if old == _NOTHING else old}" for old, _, ref in commands]
    refspecs = [f"{'' if new == _NOTHING else new}:{ref}" for _, new, ref in commands]
    pushed = subprocess.run(  # noqa: S603 (an address and refs that have been checked)
        ["git", "--git-dir=.", "push", "--porcelain", "--no-verify", *leases, "--end-of-options", to, *refspecs],  # noqa: S607
        env=environment,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    err = pushed.stderr.decode(errors="replace").splitlines()
    reasons = {line.split("\t")[1].split(":")[-1]: line for line in pushed.stdout.decode().splitlines() if "\t" in line}
    taken: dict[str, str] = {}
    refused: dict[str, str] = {}
    for _, new, ref in commands:
        line = reasons.get(ref)
        if line is not None and not line.startswith("!"):
            taken[ref] = new
        else:
            refused[ref] = _reason(line, err)
    if refused:
        # Git puts `remote: ` before each line by itself.
        said = [line.removeprefix("remote: ").rstrip() for line in err if line.startswith("remote: ")]
        sys.stderr.write("".join(f"{line}\n" for line in said if line))
    return taken, refused


def _reason(line: str | None, err: list[str]) -> str:
    if line is not None and "stale info" in line:
        return "it has moved in Gitea; fetch first"
    if line is not None:
        return f"refused by Gitea: {line.split(chr(9))[-1]}"
    told = [one.removeprefix("fatal: ") for one in err if one.startswith("fatal: ")]
    if any("returned error: 40" in one for one in told) or any("Permission denied (" in one for one in err):
        return "Gitea does not let AiWorker push here"
    return "Gitea does not answer; try again"


def _note(taken: dict[str, str]) -> None:
    """Move the mirror's refs too. Should another be at it just now, the next fetch does it."""
    lines = [f"{'delete ' + ref if new == _NOTHING else f'update {ref} {new}'}\n" for ref, new in taken.items()]
    if lines:
        update = ["git", "--git-dir=.", "update-ref", "--stdin"]
        subprocess.run(update, input="".join(lines).encode(), capture_output=True, timeout=60, check=False)  # noqa: S603


def _packets(stream: BinaryIO) -> Iterator[str]:
    """The lines up to the flush packet."""
    while (size := int(stream.read(4) or b"0", 16)) > 0:
        yield stream.read(size - 4).decode(errors="replace").rstrip("\n")


def _answer(lines: list[str]) -> None:
    for line in lines:
        content = line.encode()
        sys.stdout.buffer.write(b"%04x%b" % (len(content) + 4, content))
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
