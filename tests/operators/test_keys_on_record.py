"""A rotation of the key ring stands in the journal, although that room lies below it."""

from sqlalchemy import text
from typer.testing import CliRunner

from tests.houses import Tested


def test_rotation_by_command_is_on_record(tested_sqlite: Tested) -> None:
    tested_sqlite.customer()
    keys = next(room for room in tested_sqlite.house.rooms if room.name == "keys")
    done = CliRunner().invoke(keys.commands["keys"], ["rotate"])
    assert done.exit_code == 0
    with tested_sqlite.house.foundation.database.read() as tx:
        rows = tx.all(text("select actor from events where code = 'keys.rotated'"))
    assert [row.actor for row in rows] == ["cli"]
