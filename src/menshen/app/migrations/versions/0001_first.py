"""The first schema, its statements frozen beside it, so that later code cannot rewrite history."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first release."""
    dialect = op.get_bind().dialect.name
    file = Path(__file__).with_name(f"0001_first.{dialect}.sql")
    for statement in file.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """There is no way back: restore the backup taken before the upgrade."""
    raise RuntimeError("restore the backup taken before the upgrade")
