"""A decision may say which share of the points a partial answer earns, and is found by its group alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One more column, and an index."""
    op.add_column("decisions", sa.Column("credit", sa.Float))
    op.create_index("decisions_print", "decisions", ["print"])


def downgrade() -> None:
    """They go, with what was said."""
    op.drop_index("decisions_print", "decisions")
    with op.batch_alter_table("decisions") as table:
        table.drop_column("credit")
