"""One embedded PostgreSQL and one set of keys for the whole run."""

import os
from pathlib import Path

HOME = Path(os.environ.get("JIANZAI_TEST_HOME", Path(__file__).parent.parent / "var" / "test"))
os.environ["JIANZAI_MODE"] = "test"
os.environ["JIANZAI_HOME"] = str(HOME)



from jianzai.operations.database import start_embedded  # noqa: E402
from jianzai.vault import make_keys  # noqa: E402

HOME.mkdir(parents=True, exist_ok=True)
if not (HOME / "keys.json").exists():
    make_keys(HOME / "keys.json", demo=True)
os.environ["DATABASE_URL"] = os.environ.get("JIANZAI_TEST_DATABASE_URL") or start_embedded(HOME / "postgres")
