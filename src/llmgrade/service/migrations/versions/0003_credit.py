"""A decision may say which share of the points a partial answer earns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One more column."""
    op.add_column("decisions", sa.Column("credit", sa.Float))


def downgrade() -> None:
    """It goes, with what was said in it."""
    with op.batch_alter_table("decisions") as table:
        table.drop_column("credit")
