"""A process and its versions. A version never changes; what was uploaded is kept byte for byte."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JSONText, UTCDateTime, new_id


class Process(Base):
    """Attributes:
    latest_version: the newest that runs; of a process that has none, the newest kept for viewing.
    view_only: no version of it runs.
    """

    __tablename__ = "process"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    title_id: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    owner_agency: Mapped[str] = mapped_column(ForeignKey("agency.key"))
    latest_version: Mapped[int]
    view_only: Mapped[bool] = mapped_column(default=False, server_default=false())

    def title(self, locale: str) -> str:
        return self.title_id if locale == "id" else self.title_en


class ProcessVersion(Base):
    """One deployment.

    Attributes:
        bpmn: the uploaded bytes. filename: as uploaded.
        routing: node id → {"agency", "roles": [..]} for every user task; lane decisions made at deployment. ``apart``:
            elements whose doers may not do it.
        calls: called process key → bound version.
        settings: what process.toml said, as JSON (engine.bpmn.settings.ProcessSettings).
        warnings: list of problems of severity warning; of a version kept for viewing, all of them.
        view_only: kept to be looked at; no case runs on it and nothing calls it.
        deployment_id: the same for all processes and files of one upload.
    """

    __tablename__ = "process_version"

    process_key: Mapped[str] = mapped_column(ForeignKey("process.key"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(String(36))
    filename: Mapped[str] = mapped_column(String(255))
    bpmn: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    routing: Mapped[dict[str, Any]] = mapped_column(JSONText)
    calls: Mapped[dict[str, int]] = mapped_column(JSONText)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONText)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONText)
    view_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    deployed_by: Mapped[str] = mapped_column(String(36))
    deployed_by_name: Mapped[str] = mapped_column(String(200))
    deployed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProcessFile(Base):
    """A DMN table, form or process.toml uploaded with a version. kind: dmn | form | toml."""

    __tablename__ = "process_file"
    __table_args__ = (Index(None, "deployment_id", "name", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128))
    """Form key (file name without ending, or the form's own id) or decision id."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
