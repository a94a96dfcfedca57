"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""


def downgrade() -> None:
    """There is no way back: restore the backup taken before the upgrade."""
    raise RuntimeError("restore the backup taken before the upgrade")
