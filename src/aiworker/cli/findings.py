"""Findings of checks, printed and judged."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.text import Text

from aiworker.cli.output import print_json, say
from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import Unavailable

_SIGNS = {Mark.GOOD: ("✓", "green"), Mark.WARNING: ("!", "yellow"), Mark.BAD: ("✗", "red")}


def report(findings: Sequence[Finding], *, json: bool) -> None:
    """Print findings. Raises: Unavailable if one of them is bad."""
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(Text.assemble(_SIGNS[finding.mark], f" {finding.subject}: {finding.message}"))
            if finding.remedy:
                say(f"  {finding.remedy}", "bright_black")
    bad = [finding.subject for finding in findings if finding.mark is Mark.BAD]
    if bad:
        raise Unavailable(f"Not well: {', '.join(bad)}.", code="checks_failed")
