"""The browser and its visitors as in tests/browser, at a city of its own with partners that answer."""

from pathlib import Path

import pytest

from tests.browser.conftest import visit

__all__ = ["visit"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
