"""Alembic's entry. It works on the connection it is given and never finds one itself."""

from alembic import context

from calllist.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
