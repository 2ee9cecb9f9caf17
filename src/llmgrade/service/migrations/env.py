"""How Alembic reaches our database: with the engine it is handed, one transaction for all steps."""

from __future__ import annotations

from alembic import context

from llmgrade.service.database import TABLES

engine = context.config.attributes["engine"]
with engine.connect().execution_options(write=True) as connection:
    context.configure(connection=connection, target_metadata=TABLES, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
