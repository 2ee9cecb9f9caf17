"""The first tables, written out: what they were stays what it was, whatever the tables become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of version 0.1."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("quota_per_hour", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("revoked", sa.Float),
        sa.Column("used_hour", sa.Integer, nullable=False, server_default="0"),
        sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "rubrics",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("batch", sa.String(32)),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("rubric", sa.String(100)),
        sa.Column("part", sa.String(100)),
        sa.Column("prompt", sa.Text),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("ix_submissions_owner", "submissions", ["owner"])
    op.create_index("ix_submissions_batch", "submissions", ["batch"])
    op.create_index("ix_submissions_created", "submissions", ["created"])
    op.create_table(
        "batches",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("ix_batches_owner", "batches", ["owner"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("submission", sa.String(32), sa.ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("finished", sa.Float),
        sa.Column("lease", sa.Float),
        sa.Column("worker", sa.String(64)),
        sa.Column("rubric_state", sa.String(64)),
    )
    op.create_index("ix_jobs_submission", "jobs", ["submission"])
    op.create_index("jobs_waiting", "jobs", ["state", "created"])
    op.create_table(
        "reports",
        sa.Column("job", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("rank", sa.Integer, primary_key=True),
        sa.Column("submission", sa.String(32), nullable=False),
        sa.Column("final", sa.Float, nullable=False),
        sa.Column("first", sa.Float, nullable=False),
        sa.Column("max", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("ix_reports_submission", "reports", ["submission"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("ix_events_job", "events", ["job"])
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("submission", sa.String(32), nullable=False),
        sa.Column("rubric", sa.String(100), nullable=False),
        sa.Column("part", sa.String(100), nullable=False),
        sa.Column("print", sa.String(64), nullable=False),
        sa.Column("item", sa.String(100)),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("dispute", sa.String(32), nullable=False, server_default=""),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("ix_review_items_job", "review_items", ["job"])
    op.create_index("ix_review_items_print", "review_items", ["print"])
    op.create_index("review_group", "review_items", ["rubric", "part", "print"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("rubric", sa.String(100), nullable=False),
        sa.Column("part", sa.String(100), nullable=False),
        sa.Column("print", sa.String(64), nullable=False),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("became", sa.String(32), nullable=False),
        sa.Column("rubric_number", sa.Integer),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_index("decisions_group", "decisions", ["rubric", "part", "print"])


def downgrade() -> None:
    """Remove them all, those that lean on others first."""
    for name in (
        "decisions",
        "review_items",
        "idempotency",
        "events",
        "reports",
        "jobs",
        "batches",
        "submissions",
        "rubrics",
        "keys",
    ):
        op.drop_table(name)
