"""Loading what is large, at the moment that it is needed."""

import gc
from importlib import import_module
from types import ModuleType


def load(name: str) -> ModuleType:
    """A module, and all that it loads.

    What loading makes stays for good. To search it for garbage takes a sixth of the start, and a tenth of a second from
    everybody who is served, again and again.
    """
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
