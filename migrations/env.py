"""Alembic's environment: the models' metadata, GeoAlchemy2's helpers, one transaction."""

from alembic import context
from geoalchemy2 import alembic_helpers

from data.models import Base
from data.session import engine_for


def include_object(thing, name, kind, reflected, compare_to):
    if kind == "table" and reflected and compare_to is None:
        return name in Base.metadata.tables
    return alembic_helpers.include_object(thing, name, kind, reflected, compare_to)


def run() -> None:
    engine = engine_for(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
