"""Every screen of the page, by its address, and what has to be there before it is looked at."""

from dataclasses import dataclass

from tests.support.furniture import Furnished
from tests.support.story import KEY


@dataclass(frozen=True, slots=True)
class Screen:
    """`shows`: a selector of what is there once all has come."""

    name: str
    address: str
    shows: str = "main h1"


_MAIN = "main h1"
_PANEL = "aside h1"

EMPTY = (
    Screen("board", "/board", "main h2"),
    Screen("inbox", "/inbox", "main h2"),
    Screen("agents", "/agents", "main h2"),
    Screen("ship", "/ship"),
    Screen("modules", "/automation/modules", "main table"),
    Screen("robots", "/automation/robots", "main li, main h2"),
    Screen("batches", "/automation/batches", "main h2"),
    Screen("schedules", "/automation/schedules", "main li"),
    Screen("reports", "/reports", "main section"),
    Screen("settings", "/settings/projects"),
)


_TASK = f"/board?project={KEY}&task={KEY}-1"
# What every page shows once there is a project with a few tasks; no agent is needed for it.
EVERYDAY = (
    Screen("board", f"/board?project={KEY}", "main article"),
    Screen("lanes", "/board?lanes=project", "main section article"),
    Screen("task", _TASK, "aside ol"),
    Screen("task-changes", f"{_TASK}&tab=changes", "aside [role=tabpanel] p"),
    Screen("task-attempts", f"{_TASK}&tab=attempts", "aside [role=tabpanel] p"),
    Screen("task-log", f"{_TASK}&tab=log", "aside select"),
    Screen("task-preview", f"{_TASK}&tab=preview", "aside h2"),
    Screen("inbox", "/inbox", "main h2"),
    Screen("agents", "/agents", "main code"),
    Screen("ship", f"/ship?project={KEY}", "main h3"),
    Screen("modules", "/automation/modules", "main table"),
    Screen("module", "/automation/modules/control", "main dl"),
    Screen("robots", "/automation/robots?system=true", "main li"),
    Screen("no-robots", "/automation/robots", "main ol"),
    Screen("batches", "/automation/batches", "main h2"),
    Screen("schedules", "/automation/schedules", "main li"),
    Screen("reports", "/reports", "main section"),
    Screen("settings", f"/settings/projects?project={KEY}", "main form"),
    Screen("keys", "/settings/keys", "main table"),
    Screen("appearance", "/settings/appearance", "main section"),
    Screen("about", "/settings/about", "main section"),
)


def screens(found: Furnished, *, agent: str = "ada-1") -> tuple[Screen, ...]:
    """Of an installation that is in use."""
    task = f"/board?project={KEY}&task="
    return (
        Screen("board", f"/board?project={KEY}", "main article"),
        Screen("lanes", "/board?lanes=agent", "main section article"),
        Screen("inbox", "/inbox", "main li"),
        Screen("agents", "/agents", "main table"),
        Screen("agent", f"/agents/{agent}", "main dl, main h2"),
        Screen("ship", f"/ship?project={KEY}", "main article, main section"),
        Screen("modules", "/automation/modules", "main table"),
        Screen("robots", "/automation/robots", "main li"),
        Screen("schedules", "/automation/schedules", "main li"),
        Screen("reports", "/reports", "main section"),
        Screen("settings", "/settings/projects", "main a"),
        Screen("settings-project", f"/settings/projects?project={KEY}", "main form"),
        Screen("settings-keys", "/settings/keys", "main table"),
        Screen("settings-appearance", "/settings/appearance", "main section"),
        Screen("settings-about", "/settings/about", "main section"),
        Screen("task-question", f"{task}{found.asking}", "aside form"),
        Screen("task-overview", f"{task}{found.changed}", f"{_PANEL}, aside ol"),
        Screen("task-changes", f"{task}{found.changed}&tab=changes", "aside td"),
        Screen("task-log", f"{task}{found.working}&tab=log", "aside [role=log], aside li"),
        Screen("task-preview", f"{task}{found.changed}&tab=preview", "aside iframe"),
        Screen("task-attempts", f"{task}{found.changed}&tab=attempts", "aside dl"),
    )
