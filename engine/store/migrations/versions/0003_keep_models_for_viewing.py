"""Keep models for viewing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.add_column(sa.Column("view_only", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("view_only", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.drop_column("view_only")

    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.drop_column("view_only")
