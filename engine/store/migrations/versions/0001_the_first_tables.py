"""The first tables."""

import sqlalchemy as sa
from alembic import op

from engine.model import base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_id", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("calendar", base.JSONText(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_agency")),
    )
    op.create_table(
        "audit_event",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=True),
        sa.Column("element_name", sa.String(length=500), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)

    op.create_table(
        "case_agency",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "agency_key", name=op.f("pk_case_agency")),
    )
    with op.batch_alter_table("case_agency", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_agency_agency_key_case_id"), ["agency_key", "case_id"], unique=False
        )

    op.create_table(
        "house_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_event")),
    )
    with op.batch_alter_table("house_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_house_event_at"), ["at"], unique=False)

    op.create_table(
        "incident",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("resolved_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("resolved_by", sa.String(length=200), nullable=True),
        sa.Column("resolution", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_id"), ["id"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_incident_state_created_at_id"), ["state", "created_at", "id"], unique=False
        )

    op.create_table(
        "job",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=True),
        sa.Column("run_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", base.UTCDateTime(length=32), nullable=True),
        sa.Column("worker", sa.String(length=128), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("payload", base.JSONText(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("closed_at", base.UTCDateTime(length=32), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "id", name=op.f("pk_job")),
        sa.UniqueConstraint("case_id", "idempotency_key", name=op.f("uq_job_case_id_idempotency_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_due",
            ["run_at", "case_id"],
            unique=False,
            postgresql_where=sa.text("state = 'ready'"),
            sqlite_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(batch_op.f("ix_job_id"), ["id"], unique=True)
        batch_op.create_index(
            "ix_job_lease",
            ["lease_until"],
            unique=False,
            postgresql_where=sa.text("state = 'running'"),
            sqlite_where=sa.text("state = 'running'"),
        )
        batch_op.create_index(
            "ix_job_running",
            ["case_id"],
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
            sqlite_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "process_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("deployment_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_file")),
    )
    with op.batch_alter_table("process_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_process_file_deployment_id_name"), ["deployment_id", "name"], unique=True
        )

    op.create_table(
        "stored_answer",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_stored_answer")),
    )
    with op.batch_alter_table("stored_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_answer_created_at"), ["created_at"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("correlation", sa.String(length=255), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "token", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subscription_kind_name_correlation"), ["kind", "name", "correlation"], unique=False
        )

    op.create_table(
        "task",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("node_id", sa.String(length=255), nullable=False),
        sa.Column("process_key", sa.String(length=128), nullable=False),
        sa.Column("process_version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column("assignee", sa.String(length=36), nullable=True),
        sa.Column("assignee_name", sa.String(length=200), nullable=True),
        sa.Column("form_key", sa.String(length=255), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("queue_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("follow_up_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("claimed_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("closed_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("closed_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_assignee",
            ["assignee", "queue_at", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_task_closed", ["agency_key", "state", "id"], unique=False)
        batch_op.create_index("ix_task_held", ["assignee", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_id"), ["id"], unique=True)
        batch_op.create_index(
            "ix_task_inbox",
            ["agency_key", "audience", "queue_at", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_task_inbox_new",
            ["agency_key", "audience", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_task_inbox_priority",
            ["agency_key", "audience", "urgency", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_task_queue",
            ["queue_at", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "task_candidate",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "task_id", "kind", "key", name=op.f("pk_task_candidate")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("expires_at", base.UTCDateTime(length=32), nullable=True),
        sa.Column("revoked_at", base.UTCDateTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agency_key"], ["agency.key"], name=op.f("fk_member_agency_key_agency")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "agency_key", name=op.f("pk_member")),
    )
    op.create_table(
        "person_power",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("power", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_power_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "power", name=op.f("pk_person_power")),
    )
    op.create_table(
        "process",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("title_id", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("owner_agency", sa.String(length=64), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_agency"], ["agency.key"], name=op.f("fk_process_owner_agency_agency")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process")),
    )
    op.create_table(
        "role",
        sa.Column("agency_key", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_id", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_key"], ["agency.key"], name=op.f("fk_role_agency_key_agency")),
        sa.PrimaryKeyConstraint("agency_key", "key", name=op.f("pk_role")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("agency_key", sa.String(length=64), nullable=False),
        sa.Column("role_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_key", "role_key"],
            ["role.agency_key", "role.key"],
            name=op.f("fk_person_role_agency_key_role_key_role"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "agency_key", "role_key", name=op.f("pk_person_role")),
    )
    op.create_table(
        "process_version",
        sa.Column("process_key", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("bpmn", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("routing", base.JSONText(), nullable=False),
        sa.Column("calls", base.JSONText(), nullable=False),
        sa.Column("settings", base.JSONText(), nullable=False),
        sa.Column("warnings", base.JSONText(), nullable=False),
        sa.Column("deployed_by", sa.String(length=36), nullable=False),
        sa.Column("deployed_by_name", sa.String(length=200), nullable=False),
        sa.Column("deployed_at", base.UTCDateTime(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_key"], ["process.key"], name=op.f("fk_process_version_process_key_process")
        ),
        sa.PrimaryKeyConstraint("process_key", "version", name=op.f("pk_process_version")),
    )
    op.create_table(
        "case_",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("process_key", sa.String(length=128), nullable=False),
        sa.Column("process_version", sa.Integer(), nullable=False),
        sa.Column("owner_agency", sa.String(length=64), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("facts", base.JSONText(), nullable=False),
        sa.Column("search_text", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("variables", base.JSONText(), nullable=True),
        sa.Column("outcome", sa.String(length=255), nullable=True),
        sa.Column("chain_seq", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("started_by", sa.String(length=36), nullable=False),
        sa.Column("started_at", base.UTCDateTime(length=32), nullable=False),
        sa.Column("ended_at", base.UTCDateTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_key", "process_version"],
            ["process_version.process_key", "process_version.version"],
            name=op.f("fk_case__process_key_process_version_process_version"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_")),
    )
    with op.batch_alter_table("case_", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case__owner_agency_case_id"), ["owner_agency", "case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case__owner_agency_state_case_id"),
            ["owner_agency", "state", "case_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case__process_key_business_key"), ["process_key", "business_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case__state_case_id"), ["state", "case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("case_", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case__state_case_id"))
        batch_op.drop_index(batch_op.f("ix_case__process_key_business_key"))
        batch_op.drop_index(batch_op.f("ix_case__owner_agency_state_case_id"))
        batch_op.drop_index(batch_op.f("ix_case__owner_agency_case_id"))

    op.drop_table("case_")
    op.drop_table("process_version")
    op.drop_table("person_role")
    op.drop_table("role")
    op.drop_table("process")
    op.drop_table("person_power")
    op.drop_table("member")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_person_id"))

    op.drop_table("api_token")
    op.drop_table("task_candidate")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_task_queue",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_task_inbox_priority",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_task_inbox_new",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_task_inbox",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_task_id"))
        batch_op.drop_index("ix_task_held")
        batch_op.drop_index("ix_task_closed")
        batch_op.drop_index(
            "ix_task_assignee",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.drop_table("task")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_kind_name_correlation"))

    op.drop_table("subscription")
    with op.batch_alter_table("stored_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_answer_created_at"))

    op.drop_table("stored_answer")
    with op.batch_alter_table("process_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_file_deployment_id_name"))

    op.drop_table("process_file")
    op.drop_table("person")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_job_running",
            postgresql_where=sa.text("state = 'running'"),
            sqlite_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index(
            "ix_job_lease",
            postgresql_where=sa.text("state = 'running'"),
            sqlite_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index(batch_op.f("ix_job_id"))
        batch_op.drop_index(
            "ix_job_due", postgresql_where=sa.text("state = 'ready'"), sqlite_where=sa.text("state = 'ready'")
        )

    op.drop_table("job")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_state_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_incident_id"))

    op.drop_table("incident")
    with op.batch_alter_table("house_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_house_event_at"))

    op.drop_table("house_event")
    with op.batch_alter_table("case_agency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_agency_agency_key_case_id"))

    op.drop_table("case_agency")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
    op.drop_table("agency")
