"""What can be wrong with a module."""

from aiworker.core.errors import Conflict, NotFound


class ModuleNotFound(NotFound):
    """No module by that name."""

    default_code = "module_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no module {name[:60]!r}.", details={"moduleName": name[:60]})


class InternalModule(Conflict):
    """The module's robots are handed out by another door."""

    default_code = "internal_module"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The robots of module {name} are not claimed here: agents take tasks with get_next_task, "
            "and the system's own work is done by the server.",
            details={"moduleName": name},
        )


class SystemModule(Conflict):
    """What the installation itself needs stays on."""

    default_code = "system_module"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Module {name} belongs to the system: it cannot be switched off, drained or removed.",
            details={"moduleName": name},
        )


class ModuleBusy(Conflict):
    """Its robots would have nobody."""

    default_code = "module_busy"

    def __init__(self, name: str, unfinished: int) -> None:
        super().__init__(
            f"Module {name} still has unfinished robots ({unfinished}); drain it first, then remove it.",
            details={"moduleName": name, "unfinished": unfinished},
        )
