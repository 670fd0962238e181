"""How Alembic runs: on the connection it is handed, inside that connection's transaction."""

from alembic import context

from engine.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    user_module_prefix="base.",
    render_as_batch=True,  # SQLite changes a column by making the table anew
)
with context.begin_transaction():
    context.run_migrations()
