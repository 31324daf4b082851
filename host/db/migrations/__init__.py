"""The schema's steps, run by alembic."""
