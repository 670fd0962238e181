"""Uploading a process: every problem pinned to its element, lanes matched to agencies, then live."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.bpmn.admit import BPMN_ENDINGS, Admission, Upload
from engine.bpmn.lint.run import RULES
from engine.bpmn.model import Process
from engine.bpmn.normalise import normalise
from engine.errors import NotPermitted, ProcessInvalid, TooLarge
from engine.states import Power
from engine.store import people, processes
from engine.store.uow import UnitOfWork
from engine.usecases.check_process import check_process
from engine.usecases.deploy import Deployment, deploy
from engine.usecases.keep_model import KeptModel, keep_model
from web import uploads
from web.context import actor, house
from web.marks import upload as takes_upload
from web.pages import words
from web.pages.acting import act
from web.pages.diagrams import encoding_of
from web.pages.formfields import Option
from web.pages.problem_words import Listed, listed, silenced
from web.pages.shell import place_of
from web.pages.texts import _, ngettext
from web.uploads import Sent

pages = Blueprint("upload", __name__)

FILES = 60


@dataclass(frozen=True, slots=True)
class Carried:
    """A file on its way through the page: what is checked is what is deployed. ``content`` is Base64."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class LaneChoice:
    """``path``: from pool to lane, as the deployment names it; ``name``: as people call it."""

    path: str
    name: str
    missing: bool
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Draft:
    title: str
    verdict: str
    ready: bool
    keepable: bool
    filename: str
    size: str
    others: list[str]
    files: list[Carried]
    xml: str
    marks: dict[str, Any]
    must: int
    should: int
    problems: list[Listed]
    silenced: list[Listed]
    lanes: list[LaneChoice]
    new_roles: bool
    create_roles: bool


@pages.before_request
def only_designers() -> None:
    if not actor().may(Power.DESIGNER):
        raise NotPermitted("only designers may upload processes", power=Power.DESIGNER.value)


@pages.get("/processes/upload")
def ask() -> str:
    return _page(None)


@pages.get("/processes/<key>/versions/<int:number>/check")
def again(key: str, number: int) -> str:
    """A version's own files, checked as the house is now."""
    with house().db.read(actor()) as uow:
        version = processes.version(uow, key, number)
        drawn = processes.diagram(uow, key, number)
        files = {file.name: processes.file(uow, key, number, file.name).content for file in version.files}
        sent = Sent(Upload(drawn.name, drawn.content, files))
        admission = _checked(uow, sent)
    return _page(_draft(sent, admission))


@pages.get("/processes/upload/warnings")
def explain() -> str:
    """Every kind of warning: what it means for people, and how one that is meant is silenced."""
    with house().db.read(actor()) as uow:
        place = place_of(uow, uow.actor)
    kinds = [(rule.code, _(rule.title), _(rule.why)) for rule in RULES.values()]
    return render_template("warnings.html", kinds=sorted(kinds, key=lambda kind: kind[1]), place=place)


@pages.post("/processes/upload")
@takes_upload
def check() -> Response | str | tuple[str, int]:
    request.max_form_memory_size = 3 * house().settings.upload_limit_bytes
    files = _files()
    main = _main_file(files)
    if main is None:
        return _page(None, _("Choose a BPMN file: its name ends in .bpmn or .xml.")), 422
    if len(files) > FILES or sum(map(len, files.values())) > 2 * house().settings.upload_limit_bytes:
        raise TooLarge(
            f"An upload has at most {FILES} files of {_size(2 * house().settings.upload_limit_bytes)} together."
        )
    upload = Upload(main, files[main], {name: content for name, content in files.items() if name != main})
    sent = Sent(upload, _lanes(), request.form.get("create_roles") == "1")
    if request.form.get("action") in ("deploy", "keep"):
        try:
            if request.form["action"] == "keep":
                return _kept(act(_keep, sent))
            return _live(act(_deployed, sent))
        except ProcessInvalid as refused:
            # the house has changed since the check: show what is wrong now
            admission = Admission(problems=list(refused.problems))
    else:
        with house().db.read(actor()) as uow:
            admission = _checked(uow, sent)
    return _page(_draft(sent, admission)), 422 if admission.errors else 200


def _checked(uow: UnitOfWork, sent: Sent) -> Admission:
    return uploads.handed(check_process, uow, sent, house())


def _deployed(uow: UnitOfWork, sent: Sent) -> Deployment:
    return uploads.handed(deploy, uow, sent, house())


def _keep(uow: UnitOfWork, sent: Sent) -> KeptModel:
    return uploads.handed(keep_model, uow, sent, house())


def _kept(done: KeptModel) -> Response:
    for version in done.versions:
        flash(_("%(file)s is kept for viewing.", file=version.filename), "ok")
    first = done.versions[0]
    return redirect(url_for("pages.processes.show", key=first.process_key, number=first.version), 303)


def _live(done: Deployment) -> Response:
    with house().db.read(actor()) as uow:
        titles = [
            processes.process(uow, version.process_key).title(words.locale()) for version in done.versions
        ]
    for title, version in zip(titles, done.versions, strict=True):
        flash(_("%(process)s, version %(n)s, is live.", process=title, n=version.version), "ok")
    first = done.versions[0]
    return redirect(url_for("pages.processes.show", key=first.process_key, number=first.version), 303)


def _draft(sent: Sent, admission: Admission) -> Draft:
    upload = sent.upload
    reading = normalise(upload.bpmn, upload.filename)
    problems = listed(admission.problems, reading.processes, upload.filename)
    must = sum(problem.must for problem in problems)
    name = next(
        (process.name or process.key for process in reading.processes if process.executable), upload.filename
    )
    return Draft(
        title=_("%(name)s is ready", name=name) if not must else _("%(name)s is not ready yet", name=name),
        verdict=_verdict(must, len(problems) - must),
        ready=not must and bool(admission.processes),
        keepable=bool(must) and admission.owner is not None and not _unreadable(admission),
        filename=upload.filename,
        size=_size(len(upload.bpmn)),
        others=sorted(upload.files),
        files=[
            Carried(file, base64.b64encode(content).decode("ascii"))
            for file, content in ((upload.filename, upload.bpmn), *sorted(upload.files.items()))
        ],
        xml=upload.bpmn.decode(_known_encoding(upload.bpmn), errors="replace").lstrip("\ufeff"),
        marks={
            "problems": [
                {
                    "n": problem.n,
                    "element": problem.element,
                    "must": problem.must,
                    "label": _("Problem %(n)s: %(heading)s", n=problem.n, heading=problem.heading),
                }
                for problem in problems
                if problem.element
            ]
        },
        must=must,
        should=len(problems) - must,
        problems=problems,
        silenced=silenced(admission.silenced, reading.processes, upload.filename),
        lanes=_lane_choices(reading.processes, admission, sent.lanes),
        new_roles=sent.create_roles or any(problem.code == "role_unknown" for problem in admission.problems),
        create_roles=sent.create_roles,
    )


def _unreadable(admission: Admission) -> bool:
    """Whether the file is no BPMN at all: then there is nothing to look at."""
    return any(p.code.startswith(("xml_", "not_bpmn", "too_")) for p in admission.problems)


def _verdict(must: int, should: int) -> str:
    if must:
        return ngettext(
            "%(num)s thing must be fixed before it can go live.",
            "%(num)s things must be fixed before it can go live.",
            must,
        )
    if should:
        return ngettext(
            "It can go live. %(num)s thing deserves a look first.",
            "It can go live. %(num)s things deserve a look first.",
            should,
        )
    return _("Nothing stands in the way.")


def _lane_choices(
    processes: Sequence[Process], admission: Admission, chosen: Mapping[str, str]
) -> list[LaneChoice]:
    """Each lane with tasks in it, and the agencies it may be given to."""
    locale = words.locale()
    with house().db.read(actor()) as uow:
        agencies = people.agencies(uow)
    wrong = {p.element for p in admission.problems if p.code in ("lane_without_agency", "agency_unknown")}
    used: dict[tuple[str, ...], bool] = {}
    for process in processes:
        elements = {lane.path: lane.element for lane in process.lanes}
        for node in process.nodes():
            if node.lane:
                used[node.lane] = used.get(node.lane, False) or bool(
                    {node.element, elements.get(node.lane)} & wrong
                )
    last = [path[-1] for path in used]
    return [
        LaneChoice(
            name := "/".join(path),
            path[-1] if last.count(path[-1]) == 1 else name,
            missing,
            [
                Option(a.key, a.name_id if locale == "id" else a.name_en, chosen.get(name) == a.key)
                for a in agencies
            ],
        )
        for path, missing in used.items()
    ]


def _files() -> dict[str, bytes]:
    """The files chosen now; else those that the page carried."""
    sent = {_basename(file.filename): file.read() for file in request.files.getlist("files") if file.filename}
    if sent:
        return sent
    names, contents = request.form.getlist("name"), request.form.getlist("content")
    try:
        return {
            _basename(name): base64.b64decode(content, validate=True)
            for name, content in zip(names, contents, strict=True)
        }
    except (ValueError, binascii.Error):
        return {}


def _lanes() -> dict[str, str]:
    return {
        name.removeprefix("lane:"): value
        for name, value in request.form.items()
        if name.startswith("lane:") and value
    }


def _main_file(files: Mapping[str, bytes]) -> str | None:
    """The BPMN file; of several, the first as they were chosen."""
    return next((name for name in files if name.lower().endswith(BPMN_ENDINGS)), None)


def _basename(filename: str | None) -> str:
    return (filename or "").replace("\\", "/").rpartition("/")[2][:200]


def _known_encoding(content: bytes) -> str:
    name = encoding_of(content)
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name


def _size(count: int) -> str:
    if count >= 1_000_000:
        return f"{words.number(round(count / 1_000_000, 1))} MB"
    return f"{max(1, round(count / 1000))} kB"


def _page(draft: Draft | None, problem: str = "") -> str:
    with house().db.read(actor()) as uow:
        place = place_of(uow, uow.actor)
    limit = _size(house().settings.upload_limit_bytes)
    return render_template("upload.html", draft=draft, problem=problem, limit=limit, place=place)
