"""Loading a pack: files read, names resolved, expressions typed, rules put into layers, every error at its line."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path

from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Term, Vocabulary
from tipstaff.policy.expressions import (
    Compare,
    Every,
    ExpressionError,
    FactRef,
    Moment,
    Node,
    Not,
    Scope,
    Some,
    children,
    facts_of,
    nearest,
    parse,
    reads_law,
    reads_the_record,
)
from tipstaff.policy.law import Series
from tipstaff.policy.law_loading import load_law
from tipstaff.policy.pack import (
    JOINT,
    MESSAGE_FIELD,
    Aggregate,
    CouncilsIn,
    Criterion,
    Derived,
    FactInfo,
    Module,
    Pack,
    Repeats,
    Rule,
    TableRules,
    formulas_of,
)
from tipstaff.policy.parameters import parameter
from tipstaff.policy.schema import (
    DerivedPart,
    FactsPart,
    ModulePart,
    PackPart,
    ParameterPart,
    RulePart,
    TablePart,
)
from tipstaff.policy.source import PackError, Place, Source
from tipstaff.policy.validation import Model, validated

MOST_INPUTS = 6
"""The most criteria and conclusions that one rule may read: its decision table has 3 to the power of them rows."""

RESERVED = ("row", "index", "partnership", "possible", "line", "from_text", "year", "council", "cycle")
"""Names of columns that no fact, criterion or conclusion may take."""

MESSAGE_WORDS = ("name", "because", "failing")
"""The fields of a message that are no facts."""


def bundled(name: str = "swdevon_2016") -> Path:
    """The folder of a pack that ships with tipstaff: from the wheel, or from the checkout's ``rules/``."""
    checkout = Path(__file__).resolve().parents[3] / "rules"
    if (checkout / name).is_dir():
        return checkout / name
    return Path(str(files("tipstaff") / "rules")) / name


def load_pack(folder: Path) -> Pack:
    """Load and check the pack in a folder. Raises PackError with file, line, what is wrong and what to do."""
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digest = hashlib.sha256()

    def load(self) -> Pack:
        if not self.folder.is_dir():
            raise PackError(f"{self.folder}: is not a folder. A policy pack is a folder with pack.yaml and facts.yaml.")
        source, pack = self._read("pack.yaml", PackPart)
        facts_source, facts = self._read("facts.yaml", FactsPart)
        parameters = {name: self._parameter(source, name, part) for name, part in pack.parameters.items()}
        self._check_interpretations(source, pack)
        vocabulary = _vocabulary(pack, facts)
        law = self._law(source, pack.law)
        self.scope = Scope({}, parameters, {}, law)
        self.infos: dict[str, FactInfo] = {}
        self.columns = set(RESERVED)
        self.councils = [council.key for council in vocabulary.councils]
        self.on_record: dict[str, bool] = {}
        columns_of = [fact for table in vocabulary.tables.values() for fact in table.facts.values()]
        self.personal = {fact.name for fact in columns_of if fact.personal}
        for council in (*self.councils, *pack.adopted):
            if council == JOINT or council not in pack.councils:
                known = nearest(council, list(pack.councils))
                raise source.error(("councils", council), f"{council} cannot be the key of a council here{known}.")
        tables = self._tables(facts_source, facts, vocabulary)
        derived = self._derived(facts_source, facts, vocabulary, tables)
        modules, criteria, rules = self._modules(pack, source)
        self._check_classes(source, pack, rules)
        return Pack(
            id=pack.id,
            title=pack.title,
            version=pack.version,
            source=pack.source,
            sha256=self.digest.hexdigest(),
            folder=self.folder,
            vocabulary=vocabulary,
            tables=tables,
            derived=derived,
            parameters=parameters,
            parameter_parts=pack.parameters,
            interpretations=pack.interpretations,
            description=pack.description,
            adopted=pack.adopted,
            classes=tuple(pack.classes),
            named=tuple(pack.named),
            modules=modules,
            criteria=criteria,
            rules=rules,
            layers=_layers(rules),
            law=law,
            facts=self.infos,
        )

    def _read(self, name: str, model: type[Model]) -> tuple[Source, Model]:
        source = Source(self.folder / name, name)
        self.digest.update(name.encode() + b"\0" + source.raw + b"\0")
        return source, validated(source, model)

    def _law(self, source: Source, name: str | None) -> Mapping[str, Series]:
        """The law that the pack names: of the folder beside its own, else the one that ships with tipstaff."""
        if name is None:
            return {}
        folder = next((path for path in (self.folder.parent / name, bundled(name)) if path.is_dir()), None)
        if folder is None:
            raise source.error(("law",), f"there is no folder {name} beside the folder of the pack.")
        law = load_law(folder)
        self.digest.update(law.content)
        return law.series

    def _parse(self, source: Source, path: Place, text: str, scope: Scope, expected: Kind | None) -> Node:
        try:
            return parse(text, scope, expected)
        except ExpressionError as error:
            raise source.error(path, f"{error}. In: {' '.join(text.split())[:200]}") from None

    def _parse_dated(
        self, source: Source, path: Place, key: str, text: str, law_at: str | None, scope: Scope, expected: Kind
    ) -> Node:
        """Read an expression whose law is that of the date ``law_at``."""
        if law_at is None:
            return self._parse(source, (*path, key), text, scope, expected)
        at = self._parse(source, (*path, "law_at"), law_at, scope, Kind.DATE)
        node = self._parse(source, (*path, key), text, replace(scope, law_at=at), expected)
        if not reads_law(node):
            raise source.error((*path, "law_at"), f"law_at is of no use: {key} reads no law.")
        return node

    def _parameter(self, source: Source, name: str, part: ParameterPart) -> Node:
        try:
            return parameter(name, part)
        except ValueError as error:
            raise source.error(("parameters", name), f"{name} is {part.value!r}; expected {error}.") from None

    def _check_interpretations(self, source: Source, pack: PackPart) -> None:
        for name, part in pack.interpretations.items():
            for figure in part.parameters:
                if figure not in pack.parameters:
                    hint = nearest(figure, list(pack.parameters))
                    raise source.error(("interpretations", name), f"{figure} is no parameter of this pack{hint}.")

    def _check_classes(self, source: Source, pack: PackPart, rules: Mapping[str, Rule]) -> None:
        conclusions = [rule.concludes for rule in rules.values() if rule.concludes is not None]
        for key, names in (("classes", pack.classes), ("named", pack.named)):
            for index, name in enumerate(names):
                if name not in conclusions:
                    raise source.error((key, index), f"{name} is no conclusion{nearest(name, conclusions)}.")

    def _tables(self, source: Source, facts: FactsPart, vocabulary: Vocabulary) -> dict[str, TableRules]:
        if sum(table.shape is Shape.REGISTER for table in facts.tables.values()) != 1:
            raise source.error(("tables",), "exactly one table has the shape register.")
        tables: dict[str, TableRules] = {}
        for name, part in facts.tables.items():
            table = vocabulary.tables[name]
            path: Place = ("tables", name)
            if table.shape is Shape.COUNCIL_YEAR:
                _check_amounts(source, path, table, part)
            kinds = {fact.name: fact.kind for fact in table.facts.values()}
            if table.shape is not Shape.LONG:
                for fact in table.facts.values():
                    if fact.name in table.keys:
                        continue
                    self._declare(source, (*path, "facts", fact.name), _info(fact, name))
            scope = replace(self.scope, facts=kinds, choices=_choices(table))
            otherwise = {
                key: self._parse(source, (*path, "facts", key, "else"), fact.else_, scope, fact.type)
                for key, fact in part.facts.items()
                if fact.else_ is not None
            }
            derived: list[Derived] = []
            for key, derived_part in part.derived.items():
                place: Place = (*path, "derived", key)
                if derived_part.is_ is None:
                    raise source.error(place, "a fact derived row by row has a formula (is).")
                one = self._formula(source, place, key, derived_part, scope)
                derived.append(one)
                scope = replace(scope, facts={**scope.facts, key: one.kind})
                self._declare(source, place, FactInfo(key, one.kind, one.label, one.unit, name, "", one))
            for date_fact in (part.starts, part.ends):
                if date_fact is not None and kinds.get(date_fact) is not Kind.DATE:
                    raise source.error(path, f"{date_fact} is not a date of this table.")
            tables[name] = TableRules(table, otherwise, tuple(derived), part.starts, part.ends)
        return tables

    def _declare(self, source: Source, path: Place, info: FactInfo) -> None:
        """Take up a fact under its name, and the columns that will hold it."""
        if info.name in self.infos:
            raise source.error(path, f"{info.name} is the name of two facts. Rename one.")
        self.infos[info.name] = info
        columns = {
            Kind.TEXT: [info.name, f"{info.name}_key"],
            Kind.COUNCILS: [f"{info.name}_{council}" for council in self.councils],
        }.get(info.kind, [f"{info.name}_lo", f"{info.name}_hi"] if info.kind.bounded else [info.name])
        for column in columns:
            if column in self.columns:
                raise source.error(path, f"{info.name} would stand in the column {column}, which is taken. Rename it.")
            self.columns.add(column)

    def _formula(self, source: Source, path: Place, name: str, part: DerivedPart, scope: Scope) -> Derived:
        if part.type in (Kind.TEXT, Kind.CHOICE, Kind.COUNCILS):
            raise source.error(path, f"a formula gives an amount, a date or yes/no, not a {part.type.value}.")
        formula = self._parse_dated(source, path, "is", part.is_ or "", part.law_at, scope, part.type)
        others = [part.else_] if isinstance(part.else_, str) else part.else_
        otherwise = tuple(self._parse(source, (*path, "else"), other, scope, part.type) for other in others)
        return Derived(name, part.type, part.label, part.unit, formula, otherwise)

    def _derived(
        self, source: Source, facts: FactsPart, vocabulary: Vocabulary, tables: Mapping[str, TableRules]
    ) -> tuple[Derived, ...]:
        kinds: dict[str, Kind] = {}
        choices: dict[str, tuple[str, ...]] = {}
        for rules in tables.values():
            if rules.table.shape in (Shape.REGISTER, Shape.ONE, Shape.CURRENT, Shape.CYCLE):
                kinds |= {fact.name: fact.kind for fact in rules.table.facts.values()}
                kinds |= {one.name: one.kind for one in rules.derived}
                choices |= _choices(rules.table)
        self.scope = replace(self.scope, facts=kinds, choices=choices)
        derived: list[Derived] = []
        for name, part in facts.derived.items():
            path: Place = ("derived", name)
            if part.aggregate is not None:
                one = self._aggregate(source, path, name, part, tables)
            elif part.repeats is not None:
                keys, also = tuple(part.repeats.same), tuple(part.repeats.and_)
                self._check_texts(source, path, (*keys, *also))
                self._check_kind(source, path, part, Kind.YES_NO)
                one = Derived(name, part.type, part.label, None, Repeats(keys, also))
            elif part.councils_in is not None:
                self._check_texts(source, path, (part.councils_in,))
                self._check_kind(source, path, part, Kind.TEXT)
                one = Derived(name, part.type, part.label, None, CouncilsIn(part.councils_in))
            else:
                one = self._formula(source, path, name, part, self.scope)
            derived.append(one)
            self.scope = replace(self.scope, facts={**self.scope.facts, name: one.kind})
            self._declare(source, path, FactInfo(name, one.kind, one.label, one.unit, None, "", one))
        return tuple(derived)

    def _check_kind(self, source: Source, path: Place, part: DerivedPart, kind: Kind) -> None:
        if part.type is not kind:
            raise source.error(path, f"the type of such a fact is {kind.value}, not {part.type.value}.")

    def _check_texts(self, source: Source, path: Place, names: tuple[str, ...]) -> None:
        for name in names:
            if self.scope.facts.get(name) is not Kind.TEXT:
                hint = nearest(name, [key for key, kind in self.scope.facts.items() if kind is Kind.TEXT])
                raise source.error(path, f"{name} is not a text of the partnership{hint}.")

    def _aggregate(
        self, source: Source, path: Place, name: str, part: DerivedPart, tables: Mapping[str, TableRules]
    ) -> Derived:
        function, expression = part.aggregate or ("", "")
        rules = tables.get(part.of or "")
        if rules is None or rules.table.shape is not Shape.COUNCIL_YEAR:
            known = [key for key, other in tables.items() if other.table.shape is Shape.COUNCIL_YEAR]
            raise source.error(path, f"{part.of} is not a table by council and year{nearest(part.of or '', known)}.")
        facts = {fact.name: fact.kind for fact in rules.table.facts.values()}
        facts |= {one.name: one.kind for one in rules.derived}
        facts |= {key: Kind.YES_NO for key, kind in self.scope.facts.items() if kind is Kind.COUNCILS}
        scope = replace(self.scope, facts=facts, choices=_choices(rules.table))
        expected = part.type if function in ("sum", "greatest") else Kind.YES_NO
        over = self._parse(source, (*path, function), expression, scope, expected)
        where = None
        if part.where is not None:
            where = self._parse(source, (*path, "where"), part.where, scope, Kind.YES_NO)
        asked = facts_of(over) if where is None else (*facts_of(over), *facts_of(where))
        councils = [key for key in asked if self.scope.facts.get(key) is Kind.COUNCILS]
        if councils and function not in ("greatest", "every", "count"):
            raise source.error(
                path, f"{councils[0]} is asked of each council; {function} also counts what is tied to none."
            )
        kind = {"count": Kind.NUMBER, "any": Kind.YES_NO, "every": Kind.YES_NO}.get(function, part.type)
        if kind is not part.type or (function in ("sum", "greatest") and not kind.bounded):
            raise source.error(path, f"{function} gives a {kind.value}, not a {part.type.value}.")
        return Derived(name, kind, part.label, part.unit, Aggregate(function, rules.table.name, over, where))

    def _modules(
        self, pack: PackPart, pack_source: Source
    ) -> tuple[tuple[Module, ...], dict[str, Criterion], dict[str, Rule]]:
        read = {}
        for index, name in enumerate(pack.modules):
            if not (self.folder / f"{name}.yaml").is_file():
                raise pack_source.error(("modules", index), f"there is no {name}.yaml beside pack.yaml.")
            read[name] = self._read(f"{name}.yaml", ModulePart)
        criteria: dict[str, Criterion] = {}
        for source, part in read.values():
            for name, criterion in part.criteria.items():
                path: Place = ("criteria", name)
                if name in RESERVED:
                    raise source.error(path, f"{name} is a name that tipstaff uses itself. Rename the criterion.")
                if name in criteria:
                    raise source.error(path, f"{name} is also a criterion at {criteria[name].place}. Rename one.")
                test = self._parse_dated(
                    source, path, "test", criterion.test, criterion.law_at, self.scope, Kind.YES_NO
                )
                criteria[name] = Criterion(
                    name, criterion.question, test, self._on_record(test), criterion.source, source.place(path)
                )
        conclusions = self._conclusions(read, criteria)
        rules: dict[str, Rule] = {}
        for name, (source, part) in read.items():
            for rule_id, rule in part.rules.items():
                if rule_id in rules:
                    place = rules[rule_id].place
                    raise source.error(("rules", rule_id), f"{rule_id} also stands at {place}. Ids are permanent.")
                rules[rule_id] = self._rule(source, name, rule_id, rule, criteria, conclusions, pack)
        for made in rules.values():
            if made.concludes is not None and made.record:
                guilty = next(name for name in made.inputs if name in criteria and criteria[name].record)
                raise PackError(
                    f"{made.place}: {made.id} concludes {made.concludes} from {guilty}, which asks whether the "
                    "register states a fact. A conclusion is about the world: a blank must stay unknown in it."
                )
        modules = tuple(Module(name, part.title, tuple(part.rules)) for name, (_, part) in read.items())
        return modules, criteria, rules

    def _conclusions(
        self, read: Mapping[str, tuple[Source, ModulePart]], criteria: Mapping[str, Criterion]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for source, part in read.values():
            for rule_id, rule in part.rules.items():
                if rule.concludes is None:
                    continue
                if rule.concludes in found or rule.concludes in criteria or rule.concludes in RESERVED:
                    raise source.error(("rules", rule_id), f"{rule.concludes} is a name already used. Rename one.")
                found[rule.concludes] = rule_id
        return found

    def _rule(
        self,
        source: Source,
        module: str,
        rule_id: str,
        part: RulePart,
        criteria: dict[str, Criterion],
        conclusions: Mapping[str, str],
        pack: PackPart,
    ) -> Rule:
        path: Place = ("rules", rule_id)
        scope = Scope(dict.fromkeys((*criteria, *conclusions), Kind.YES_NO), {}, {})

        def formula(key: str, text: str) -> Node:
            node = self._parse(source, (*path, key), text, scope, Kind.YES_NO)
            _check_names_only(source, (*path, key), node)
            return node

        kind = "concludes" if part.concludes else "requires" if part.requires is not None else "warns"
        main = formula("when" if part.concludes else kind, part.when or part.requires or part.warns or "")
        applies = formula("applies", part.applies) if part.applies is not None else None
        if part.due_on is not None:
            due = self._parse(source, (*path, "due_on"), part.due_on, self.scope, Kind.DATE)
            name = f"due:{rule_id}"
            is_past = Compare(">", Moment("as_of"), due)
            place = source.place((*path, "due_on"))
            criteria[name] = Criterion(name, f"Is {rule_id} due?", is_past, False, None, place)
            is_due = FactRef(name, Kind.YES_NO)
            applies = is_due if applies is None else Every((applies, is_due))
        violation = Not(main) if kind == "requires" else main
        if applies is not None:
            violation = Every((violation, applies))
        inputs = facts_of(violation)
        if len(inputs) > MOST_INPUTS:
            raise source.error(
                path,
                f"{rule_id} reads {len(inputs)} criteria and conclusions ({', '.join(inputs)}); at most {MOST_INPUTS} "
                "are allowed. Split it by a helper conclusion.",
            )
        for interpretation in part.interpretations:
            if interpretation not in pack.interpretations:
                raise source.error(path, f"{interpretation} is no interpretation of this pack.")
        for name, of in MESSAGE_FIELD.findall(part.says or ""):
            self._check_field(source, (*path, "says"), name, of, (*criteria, *conclusions))
        declared = {
            "rule": part.model_dump(mode="json"),
            "criteria": {name: repr(criteria[name].test) for name in sorted(inputs) if name in criteria},
        }
        return Rule(
            id=rule_id,
            module=module,
            title=part.title,
            kind=kind,
            formula=main,
            applies=applies,
            violation=violation,
            inputs=inputs,
            concludes=part.concludes,
            record=any(name in criteria and criteria[name].record for name in inputs),
            severity=part.severity or "",
            says=part.says or "",
            consequence=part.consequence or "",
            action=part.action,
            source=part.source,
            interpretations=tuple(part.interpretations),
            sha256=hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest(),
            place=source.place(path),
        )

    def _on_record(self, node: Node) -> bool:
        """Whether a question rests on ``exists``, directly or through a derived fact."""
        for name in facts_of(node):
            if name not in self.on_record:
                parts = formulas_of(self.infos[name].derived)
                self.on_record[name] = any(self._on_record(part) for part in parts)
        return reads_the_record(node) or any(self.on_record[name] for name in facts_of(node))

    def _check_field(self, source: Source, path: Place, name: str, of: str, questions: tuple[str, ...]) -> None:
        if name in self.personal:
            raise source.error(path, f"{{{name}}} is personal data, which no report shows.")
        if of and (name != "because" or of not in questions):
            raise source.error(path, f"{{{name}:{of}}} is not known{nearest(of, list(questions))}.")
        known = [*MESSAGE_WORDS, *self.scope.facts, *(f"policy.{key}" for key in self.scope.parameters)]
        if name not in known:
            raise source.error(path, f"{{{name}}} is not known{nearest(name, known)}.")


def _check_amounts(source: Source, path: Place, table: Table, part: TablePart) -> None:
    for fact in table.facts.values():
        if fact.name not in table.keys and fact.kind not in (Kind.MONEY, Kind.NUMBER, Kind.CHOICE):
            raise source.error(
                (*path, "facts", fact.name), "a fact by council and year is money, a number or a choice."
            )
    for name in part.derived:
        raise source.error((*path, "derived", name), "facts by council and year are derived by an aggregate of them.")


def _info(fact: Fact, table: str) -> FactInfo:
    return FactInfo(fact.name, fact.kind, fact.label, fact.unit, table, fact.question)


def _choices(table: Table) -> dict[str, tuple[str, ...]]:
    return {
        fact.name: tuple(choice.name for choice in fact.choices)
        for fact in table.facts.values()
        if fact.kind is Kind.CHOICE
    }


def _vocabulary(pack: PackPart, facts: FactsPart) -> Vocabulary:
    themes = tuple(Term(name, tuple(also)) for name, also in pack.themes.items())
    tables = {}
    for name, part in facts.tables.items():
        columns = {}
        for key, fact in part.facts.items():
            choices = (
                themes
                if fact.choices == "themes"
                else tuple(Term(choice, tuple(also)) for choice, also in dict(fact.choices).items())
            )
            columns[key] = Fact(
                name=key,
                kind=fact.type,
                label=fact.label,
                heading=fact.heading,
                aliases=tuple(fact.also),
                choices=choices,
                unit=fact.unit,
                question=fact.question,
                guidance=fact.guidance,
                none_means=fact.none_means,
                reads=fact.reads,
                personal=fact.personal,
            )
        tables[name] = Table(name, part.shape, part.sheet, columns, tuple(part.also))
    councils = tuple(Term(part.name, tuple(part.also), key) for key, part in pack.councils.items())
    return Vocabulary(councils, themes, tables, tuple(pack.both))


def _check_names_only(source: Source, path: Place, node: Node) -> None:
    if isinstance(node, FactRef):
        return
    if not isinstance(node, Every | Some | Not) or (isinstance(node, Every) and node.listed):
        raise source.error(path, "a rule combines criteria and conclusions by and, or, not. Put tests into criteria.")
    for child in children(node):
        _check_names_only(source, path, child)


def _layers(rules: Mapping[str, Rule]) -> tuple[tuple[str, ...], ...]:
    by_conclusion = {rule.concludes: rule.id for rule in rules.values() if rule.concludes is not None}
    order = TopologicalSorter(
        {rule.id: [by_conclusion[name] for name in rule.inputs if name in by_conclusion] for rule in rules.values()}
    )
    try:
        order.prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        raise PackError(
            f"{rules[circle[0]].place}: {' -> '.join(circle)} is a circle. A rule may not rest on itself."
        ) from None
    layers: list[tuple[str, ...]] = []
    while order.is_active():
        ready = order.get_ready()
        layers.append(tuple(rule for rule in rules if rule in set(ready)))
        order.done(*ready)
    return tuple(layers)
