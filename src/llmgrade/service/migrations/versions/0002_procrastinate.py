"""On PostgreSQL the queue is Procrastinate's: its tables come in, and what waits is put into it."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Its own schema, of the version that is installed."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        from llmgrade.service.queues import adopt, broker

        broker.install(connection)
        adopt(connection)


def downgrade() -> None:
    """All of it goes; the jobs are rows of ours and stay."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        from llmgrade.service.queues import broker

        broker.remove(connection)
