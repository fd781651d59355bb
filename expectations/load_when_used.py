"""Modules that a library imports at its start and that nothing here uses: they are loaded when somebody does use them.

`importlib.util.LazyLoader` does not help: `from package import module`, as libraries write it, looks into the module at once.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType


class _LoadedWhenUsed(ModuleType):
    """Stands for a module until anything in it is asked for."""

    def __getattr__(self, name: str) -> object:
        """Load the module and give what was asked for; questions about what kind of module this is load nothing."""
        if name.startswith("__") and name != "__path__":  # the path is asked for when a module within it is imported
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def load_when_used(name: str) -> None:
    """Have a module that somebody imports loaded with the first use of anything in it.

    One that is loaded already, or not installed, stays as it is.

    Args:
        name: full name; the package that holds it is loaded at once.

    Example:
        >>> load_when_used("json.tool")
        >>> "argparse" in vars(sys.modules["json.tool"])
        False
        >>> from json import tool
        >>> tool.argparse.__name__  # used: loaded
        'argparse'
    """
    if name in sys.modules or importlib.util.find_spec(name) is None:
        return
    module = _LoadedWhenUsed(name)
    sys.modules[name] = module
    package, _, own = name.rpartition(".")
    if package:
        setattr(sys.modules[package], own, module)
