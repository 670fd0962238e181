"""messages that are kept."""

import sqlalchemy as sa
from alembic import op

from engine.model import base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unseen_since", base.UTCDateTime(length=32), nullable=True))
        batch_op.drop_index(
            batch_op.f("ix_job_message"), sqlite_where=sa.text("kind = 'message' AND state = 'ready'")
        )
        batch_op.create_index(
            "ix_job_kept",
            ["unseen_since"],
            unique=False,
            postgresql_where=sa.text("unseen_since IS NOT NULL AND state = 'ready'"),
            sqlite_where=sa.text("unseen_since IS NOT NULL AND state = 'ready'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_job_kept",
            postgresql_where=sa.text("unseen_since IS NOT NULL AND state = 'ready'"),
            sqlite_where=sa.text("unseen_since IS NOT NULL AND state = 'ready'"),
        )
        batch_op.create_index(
            batch_op.f("ix_job_message"),
            ["name"],
            unique=False,
            postgresql_where=sa.text("kind = 'message' AND state = 'ready'"),
            sqlite_where=sa.text("kind = 'message' AND state = 'ready'"),
        )
        batch_op.drop_column("unseen_since")
