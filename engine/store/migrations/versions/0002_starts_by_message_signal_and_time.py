"""starts by message, signal and time."""

import sqlalchemy as sa
from alembic import op

from engine.model import base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_start",
        sa.Column("process_key", sa.String(length=128), nullable=False),
        sa.Column("node_id", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("timer_kind", sa.String(length=16), nullable=True),
        sa.Column("timer", sa.String(length=500), nullable=True),
        sa.Column("due_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("every", sa.String(length=255), nullable=True),
        sa.Column("repeat_left", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_key"], ["process.key"], name=op.f("fk_process_start_process_key_process")
        ),
        sa.PrimaryKeyConstraint("process_key", "node_id", name=op.f("pk_process_start")),
    )
    with op.batch_alter_table("process_start", schema=None) as batch_op:
        batch_op.create_index(
            "ix_process_start_due",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("due_at IS NOT NULL"),
            sqlite_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_process_start_kind_name"), ["kind", "name"], unique=False)

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_message",
            ["name"],
            unique=False,
            postgresql_where=sa.text("kind = 'message' AND state = 'ready'"),
            sqlite_where=sa.text("kind = 'message' AND state = 'ready'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_job_message",
            postgresql_where=sa.text("kind = 'message' AND state = 'ready'"),
            sqlite_where=sa.text("kind = 'message' AND state = 'ready'"),
        )

    with op.batch_alter_table("process_start", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_start_kind_name"))
        batch_op.drop_index(
            "ix_process_start_due",
            postgresql_where=sa.text("due_at IS NOT NULL"),
            sqlite_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("process_start")
