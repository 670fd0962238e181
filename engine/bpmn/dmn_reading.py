"""Reads DMN 1.1 to 1.5: the decisions of a file and its knowledge models, with every problem and its line."""

from dataclasses import replace

from lxml import etree

from engine.bpmn.dmn_cells import LogicReader, Skip, children
from engine.bpmn.dmn_table import Knowledge, Table
from engine.bpmn.expressions import Dialect, ExpressionInvalid, read_function
from engine.bpmn.model import Expr
from engine.bpmn.xml import XmlRefused, local, namespace, parse_xml
from engine.problems import Problem, Severity


def read_decisions(content: bytes, filename: str) -> tuple[dict[str, Table], list[Problem]]:
    """The decisions of a DMN file by id, and what is wrong with it. Never raises for bad input."""
    try:
        root = parse_xml(content, file=filename)
    except XmlRefused as refused:
        return {}, [refused.problem]
    return _Reader(root, filename).read()


MAX_NAMES = 100
"""With signs that are operators elsewhere: each expression is searched for them."""


class _Reader(LogicReader):
    def __init__(self, root: etree._Element, filename: str) -> None:
        super().__init__(root, filename)
        self.tables: dict[str, Table] = {}

    def read(self) -> tuple[dict[str, Table], list[Problem]]:
        if local(self.root) != "definitions" or "/DMN/" not in namespace(self.root):
            self.tell(
                self.root, "", "dmn_malformed", "The file is no DMN file: it should begin with <definitions>."
            )
            return {}, self.problems
        if len(self.names) > MAX_NAMES:
            self.tell(
                self.root,
                "",
                "dmn_not_supported",
                f"More than {MAX_NAMES} names have signs like - or / in them. Use letters, digits and underscores.",
            )
            return {}, self.problems
        decisions = list(children(self.root, "decision"))
        if not decisions:
            self.tell(self.root, "", "dmn_without_decision", "The file has no decision.")
        self.read_knowledge()
        for decision in decisions:
            try:
                self.decision(decision)
            except Skip:
                continue
        self.check_requirements()
        return self.tables, sorted(self.problems)

    # knowledge models

    def read_knowledge(self) -> None:
        """Each after those that it needs."""
        waiting = list(children(self.root, "businessKnowledgeModel"))
        while waiting:
            unread = {node.get("id") for node in waiting}
            ready = [node for node in waiting if unread.isdisjoint(_required_knowledge(node))]
            for node in ready:
                try:
                    self.knowledge_model(node)
                except Skip:
                    continue
            if not ready:
                for node in waiting:
                    key = node.get("id") or ""
                    self.tell(
                        node,
                        key,
                        "dmn_invalid",
                        f"The knowledge model '{node.get('name') or key}' needs itself.",
                    )
                return
            waiting = [node for node in waiting if node not in ready]

    def knowledge_model(self, node: etree._Element) -> None:
        key = self.here = node.get("id") or ""
        name = " ".join((node.get("name") or key).split())
        encapsulated = next(children(node, "encapsulatedLogic"), None)
        logic = self.logic_in(encapsulated) if encapsulated is not None else None
        if encapsulated is None or logic is None:
            self.tell(node, key, "dmn_invalid", f"The knowledge model '{name}' says no logic.")
            raise Skip
        if (encapsulated.get("kind") or "FEEL") != "FEEL":
            kind = encapsulated.get("kind")
            self.tell(node, key, "dmn_not_supported", f"'{name}' is written in {kind}; write it in FEEL.")
            raise Skip
        if name in self.knowledge:
            self.tell(node, key, "duplicate_id", f"The name '{name}' is used by two knowledge models.")
            raise Skip
        parameters = tuple(child.get("name") or "" for child in children(encapsulated, "formalParameter"))
        told = len(self.problems)
        read = self.logic(logic, key, name, name)
        if len(self.problems) > told:
            raise Skip
        if isinstance(read, Expr) and self.language_of(logic) is Dialect.FEEL:
            try:
                self.functions[name] = read_function(
                    read.source, parameters, defined=self.functions, names=self.names
                )
            except ExpressionInvalid as error:
                self.tell(logic, key, "expression_invalid", f"In '{name}': {error.message}")
                raise Skip from None
        self.knowledge[name] = Knowledge(key, name, parameters, read)

    # decisions

    def decision(self, node: etree._Element) -> None:
        key, name = node.get("id") or "", node.get("name") or ""
        self.here = key
        if not key:
            self.tell(node, "", "decision_without_id", f"The decision '{name}' has no id; give it one.")
            return
        if key in self.tables:
            self.tell(node, key, "duplicate_id", f"The id '{key}' is used by two decisions.")
            return
        logic = self.logic_in(node)
        if logic is None:
            self.tell(
                node,
                key,
                "decision_without_logic",
                f"The decision '{name or key}' has no table and no expression.",
                Severity.WARNING,
            )
            return
        variable = next((child.get("name") for child in children(node, "variable")), None) or name or key
        told = len(self.problems)
        read = self.logic(logic, key, name or key, variable)
        if len(self.problems) > told:
            return
        if not isinstance(read, Table):
            read = Table(key, name or key, variable, logic.sourceline or 0, logic=read, file=self.filename)
        self.tables[key] = replace(read, requires=_required_decisions(node))

    def check_requirements(self) -> None:
        named = {node.get("id") for node in children(self.root, "decision")}
        for key, table in list(self.tables.items()):
            for required in table.requires:
                if required not in named:
                    self._drop(
                        key, f"The decision '{table.name}' needs '{required}', which this file does not have."
                    )
        while broken := [
            key for key, table in self.tables.items() if any(one not in self.tables for one in table.requires)
        ]:
            for key in broken:  # the reason has been told where it is
                del self.tables[key]
        for key in list(self.tables):
            if key in self.tables and self._circular(key):
                self._drop(
                    key, f"The decision '{self.tables[key].name}' needs itself, through other decisions."
                )

    def _drop(self, key: str, message: str) -> None:
        table = self.tables.pop(key, None)
        if table is not None:
            self.problems.append(Problem(table.line, key, "dmn_invalid", message, file=self.filename))

    def _circular(self, key: str) -> bool:
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            table = self.tables.get(waiting.pop())
            for required in table.requires if table is not None else ():
                if required == key:
                    return True
                if required not in seen:
                    seen.add(required)
                    waiting.append(required)
        return False


def _required_decisions(node: etree._Element) -> tuple[str, ...]:
    found = (
        child.get("href") or ""
        for requirement in children(node, "informationRequirement")
        for child in children(requirement, "requiredDecision")
    )
    return tuple(href.rpartition("#")[2] for href in found)


def _required_knowledge(node: etree._Element) -> set[str]:
    return {
        (child.get("href") or "").rpartition("#")[2]
        for requirement in children(node, "knowledgeRequirement")
        for child in children(requirement, "requiredKnowledge")
    }
