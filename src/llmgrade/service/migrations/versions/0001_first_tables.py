"""The first tables."""

from __future__ import annotations

from alembic import op

from llmgrade.service.database import TABLES

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of version 0.1."""
    TABLES.create_all(op.get_bind())


def downgrade() -> None:
    """Remove them all."""
    TABLES.drop_all(op.get_bind())
