"""The room stands alone: no database, no network, nothing else of Menshen, and no list before the first password."""

import subprocess
import sys

ALONE = """
import sys
class Fence:
    def find_spec(self, name, path=None, target=None):
        outside = ("sqlalchemy", "litestar", "httpx2", "redis", "psycopg", "typer", "rich", "menshen.kit")
        if name.startswith(outside) or name in {"_socket", "_sqlite3"}:
            raise ImportError(name)
sys.meta_path.insert(0, Fence())
from menshen.passwords import judge, store
lists_read = store.entries.cache_info().currsize
verdict = judge("kV8#xT2!")
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("menshen.")}
print(verdict.accepted, lists_read, rooms, {"pypinyin", "babel"} & set(sys.modules))
"""


def test_judge_needs_nothing_else() -> None:
    ran = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("True 0 {'passwords'} set()", "")
