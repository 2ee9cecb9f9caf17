"""Lists of jobs are found by an index, and on PostgreSQL the queue is quiet: nobody listens to it, and nobody reads its diary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNHEARD = (
    "procrastinate_jobs_notify_queue_job_inserted_v1",
    "procrastinate_trigger_status_events_insert_v1",
    "procrastinate_trigger_status_events_update_v1",
    "procrastinate_trigger_scheduled_events_v1",
)
"""Its triggers that call workers who listen (ours look, and a call makes commits take turns), and that note what we note ourselves."""


def upgrade() -> None:
    """An index; the triggers rest."""
    op.create_index("jobs_newest", "jobs", ["created", "id"])
    _triggers("DISABLE")


def downgrade() -> None:
    """As it was."""
    op.drop_index("jobs_newest", "jobs")
    _triggers("ENABLE")


def _triggers(do: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        there = sa.text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'procrastinate_jobs'::regclass")
        for name in set(UNHEARD) & set(connection.execute(there).scalars()):
            op.execute(f"ALTER TABLE procrastinate_jobs {do} TRIGGER {name}")
