"""The one file of the wheel that pyproject.toml cannot place: mkdocs.yml, beside the starting material."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlaceSiteSettings(BuildHookInterface):  # type: ignore[type-arg]
    """Puts mkdocs.yml into riskkit/_kit/ of a built wheel.

    Path rewriting (`sources`) knows folders only, and `force-include` would leave a stale copy beside an
    editable install.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to what is built, unless the install points at this checkout."""
        if version == "standard":
            build_data["force_include"]["mkdocs.yml"] = "riskkit/_kit/mkdocs.yml"
