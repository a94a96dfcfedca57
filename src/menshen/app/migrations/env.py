"""Runs the chain on the connection that `menshen.app.migrating` brings."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
