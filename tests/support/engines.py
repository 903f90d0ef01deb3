"""Engines of a regional audit, as tests start them."""

import os
import shutil

import pytest

JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""The environment in which Java starts soonest."""

SPARK = pytest.mark.skipif(shutil.which("java") is None and "TIPSTAFF_CI" not in os.environ, reason="there is no Java")
"""The mark of a test that needs Spark."""
