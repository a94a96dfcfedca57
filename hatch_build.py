"""Builds the front-end assets into the package before a wheel is packed."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Runs `scripts/assets.py` before a standard wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets for a standard wheel; `version` is hatchling's word for the kind of wheel."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "scripts"))
        import assets

        assets.build(root)
