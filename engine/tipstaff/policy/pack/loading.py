"""Loading a pack: files read, names resolved, expressions typed, rules put into layers, every error at its line."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tipstaff.errors import PackError
from tipstaff.facts.periods import Period, read_period
from tipstaff.facts.spellings import nearest
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Term, Vocabulary
from tipstaff.policy.language.nodes import (
    Compare,
    Constant,
    CountOf,
    Every,
    FactRef,
    Moment,
    Node,
    Not,
    Product,
    Some,
    Sum,
    children,
    facts_of,
    reads_law,
    reads_the_record,
)
from tipstaff.policy.language.parsing import ExpressionError, Scope, parse
from tipstaff.policy.law.loading import load_law
from tipstaff.policy.law.series import Series
from tipstaff.policy.pack.extending import PackFiles, read_pack_files
from tipstaff.policy.pack.fingerprints import with_fingerprints
from tipstaff.policy.pack.model import (
    JOINT,
    MESSAGE_FIELD,
    Aggregate,
    CouncilsIn,
    Criterion,
    Derived,
    FactInfo,
    Ledger,
    Module,
    Pack,
    Pointer,
    Recipients,
    Repeats,
    Rule,
    TableRules,
    Weighing,
    due_criterion,
    formulas_of,
)
from tipstaff.policy.pack.parameters import parameter, read_length
from tipstaff.policy.pack.schema import (
    AdoptionPart,
    CyclePart,
    DerivedPart,
    FactsPart,
    LedgerPart,
    ModulePart,
    PackPart,
    ParameterPart,
    RulePart,
    TablePart,
    WeighPart,
)
from tipstaff.policy.yaml.folders import bundled, folder_beside
from tipstaff.policy.yaml.lines import Place, Source
from tipstaff.policy.yaml.validation import validated

__all__ = ["bundled", "load_pack"]

MOST_INPUTS = 6
"""The most criteria and conclusions that one rule may read: its decision table has 3 to the power of them rows."""

_GIVEN = re.compile(r"\bgiven\(\s*policy\.(\w+)\s*\)")

RESERVED = ("row", "index", "partnership", "possible", "line", "from_text", "year", "council", "cycle")
"""Names of columns that no fact, criterion or conclusion may take."""

MESSAGE_WORDS = ("name", "because", "failing")
"""The fields of a message that are no facts."""


def load_pack(folder: Path) -> Pack:
    """Load and check the pack in a folder. Raises PackError with file, line, what is wrong and what to do."""
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digest = hashlib.sha256()

    def load(self) -> Pack:
        files = read_pack_files(self.folder)
        self.digest.update(files.content)
        source, pack = files.pack, files.part
        facts_source, facts = files.facts, validated(files.facts, FactsPart)
        parameters = {name: self._parameter(source, name, part) for name, part in pack.parameters.items()}
        self._check_interpretations(source, pack)
        longest_waiver = self._longest_waiver(source, pack)
        vocabulary = _vocabulary(pack, facts)
        law_folder = self._law_folder(files)
        law = self._law(law_folder)
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
        self.ledgers = {name: self._ledger(facts_source, name, part, tables) for name, part in facts.ledgers.items()}
        derived = self._derived(facts_source, facts, vocabulary, tables)
        modules, criteria, rules = self._modules(files)
        self._check_classes(source, pack, rules)
        self._check_verdicts(facts_source, derived, rules)
        self._check_renewal(source, pack, rules)
        made = Pack(
            id=pack.id,
            title=pack.title,
            version=pack.version,
            source=pack.source,
            sha256=self.digest.hexdigest(),
            folders=(*files.folders, *((law_folder,) if law_folder is not None else ())),
            vocabulary=vocabulary,
            tables=tables,
            ledgers=self.ledgers,
            derived=derived,
            parameters=parameters,
            parameter_parts=pack.parameters,
            interpretations=pack.interpretations,
            description=pack.description,
            adopted={council: pack.adopted.get(council, AdoptionPart()) for council in self.councils},
            classes=tuple(pack.classes),
            named=tuple(pack.named),
            modules=modules,
            renewal=tuple(
                rule.id
                for rule in rules.values()
                if rule.due_on is not None or (rule.concludes is None and {rule.id, rule.module} & set(pack.renewal))
            ),
            longest_waiver=longest_waiver,
            criteria=criteria,
            rules=rules,
            layers=_layers(rules),
            law=law,
            facts=self.infos,
        )
        return with_fingerprints(made)

    def _law_folder(self, files: PackFiles) -> Path | None:
        """The folder of the law that the pack names: the one beside its own, else the one that ships with tipstaff."""
        name = files.part.law
        folder = folder_beside(files.folders, name) if name is not None else None
        if name is not None and folder is None:
            raise files.pack.error(("law",), f"there is no folder {name} beside the folder of the pack.")
        return folder

    def _law(self, folder: Path | None) -> Mapping[str, Series]:
        if folder is None:
            return {}
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
            raise source.error(
                ("parameters", name, "value"), f"{name} is {str(part.value)[:60]!r}; expected {error}."
            ) from None

    def _longest_waiver(self, source: Source, pack: PackPart) -> Period | None:
        if pack.waivers is None:
            return None
        try:
            return read_length(pack.waivers.longest)
        except ValueError as error:
            raise source.error(
                ("waivers", "longest"), f"longest is {pack.waivers.longest!r}; expected {error}."
            ) from None

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

    def _check_verdicts(self, source: Source, derived: tuple[Derived, ...], rules: Mapping[str, Rule]) -> None:
        conclusions = [rule.concludes for rule in rules.values() if rule.concludes is not None]
        for one in derived:
            for name in one.weighing.verdict if one.weighing is not None else ():
                if name not in conclusions:
                    path: Place = ("derived", one.name, "weigh", "verdict", name)
                    raise source.error(path, f"{name} is no conclusion{nearest(name, conclusions)}.")

    def _check_renewal(self, source: Source, pack: PackPart, rules: Mapping[str, Rule]) -> None:
        reported = [rule.id for rule in rules.values() if rule.concludes is None]
        known = [*pack.modules, *reported]
        for index, name in enumerate(pack.renewal):
            if name not in known:
                raise source.error(
                    ("renewal", index), f"{name} is neither a module nor a rule that is reported{nearest(name, known)}."
                )

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
            in_cycle = self._in_cycle(source, path, table, part.in_cycle)
            tables[name] = TableRules(table, otherwise, tuple(derived), part.starts, part.ends, in_cycle)
        return tables

    def _in_cycle(self, source: Source, path: Place, table: Table, parts: Mapping[str, CyclePart]) -> dict[str, str]:
        """Declare the facts that are those of the year of the cycle."""
        for name, part in parts.items():
            fact = table.facts.get(part.of)
            place: Place = (*path, "in_cycle", name)
            if table.shape is not Shape.COUNCIL_YEAR or fact is None or fact.kind not in (Kind.MONEY, Kind.NUMBER):
                raise source.error(place, f"{part.of} is not an amount of a table by council and year.")
            info = FactInfo(name, fact.kind, part.label, fact.unit, table.name, part.question, of_cycle=fact.name)
            self._declare(source, place, info)
        return {name: part.of for name, part in parts.items()}

    def _ledger(self, source: Source, name: str, part: LedgerPart, tables: Mapping[str, TableRules]) -> Ledger:
        """A ledger, with the facts of its rows declared."""
        path: Place = ("ledgers", name)
        rules, to = tables.get(part.of), tables.get(part.to.table)
        by_year = rules is not None and rules.table.shape is Shape.COUNCIL_YEAR
        if rules is None or rules.table.shape not in (Shape.COUNCIL_YEAR, Shape.CURRENT):
            raise source.error(path, f"{part.of} is no table by council and year, and none of current rows.")
        if to is None or to.table.shape is not Shape.MANY:
            raise source.error((*path, "to"), f"{part.to.table} is no table of several rows.")
        if name in tables:
            raise source.error(path, f"{name} is also a table. Rename the ledger.")
        register = next(rules.table for rules in tables.values() if rules.table.shape is Shape.REGISTER)
        wanted = [
            (rules.table, part.amount, Kind.MONEY), (rules.table, part.granted, Kind.DATE),
            (to.table, part.to.named_by, Kind.TEXT), (to.table, part.to.receives, Kind.YES_NO),
            *((to.table, fact, Kind.TEXT) for fact in part.to.numbered_by),
            *((register, fact, Kind.TEXT) for fact in part.to.otherwise),
        ]  # fmt: skip
        for table, fact, kind in wanted:
            if fact not in table.facts or table.facts[fact].kind is not kind:
                raise source.error(
                    path, f"{fact} is no {kind.value} of {table.name}{nearest(fact, list(table.facts))}."
                )
        for fact, kind in [
            *((fact, Kind.TEXT) for fact in part.alike),
            *([(part.begins, Kind.DATE)] if part.begins else []),
        ]:
            if fact not in self.infos or self.infos[fact].kind is not kind:
                raise source.error(path, f"{fact} is no {kind.value} of the partnership.")
        count, _, unit = part.window.partition(" ")
        years = int(count) if unit == "financial years" and count.isdigit() and 1 <= int(count) <= 50 else None
        period = read_period(part.window)
        if by_year != (years is not None) or (not by_year and period is None):
            expected = "3 financial years" if by_year else "12 months"
            raise source.error((*path, "window"), f"the window of this ledger is written as {expected}.")
        if ((part.planned or part.year_total) and not by_year) or (by_year and part.alike):
            raise source.error(
                path, "planned and year_total go with a table by council and year, alike with the other."
            )
        declared = [
            (part.total, Kind.MONEY, part.total_label), (part.date, Kind.DATE, part.date_label),
            *([(part.year_total, Kind.MONEY, "sum of the year")] if part.year_total else []),
            *([(part.planned, Kind.YES_NO, "planned for the cycle")] if part.planned else []),
        ]  # fmt: skip
        for fact, kind, label in declared:
            self._declare(source, path, FactInfo(fact, kind, label, None, name, ""))
        recipients = Recipients(
            part.to.table, part.to.named_by, tuple(part.to.numbered_by), part.to.receives, tuple(part.to.otherwise)
        )
        return Ledger(
            name, part.label, part.of, part.amount, part.granted, recipients, years, None if by_year else period,
            tuple(part.alike), part.begins, part.total, part.date, part.year_total, part.planned,
        )  # fmt: skip

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
                raise source.error(path, f"{info.name} would use the column {column}, which is taken. Rename it.")
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
                stated = (fact for fact in rules.table.facts.values() if fact.name not in rules.table.keys)
                kinds |= {fact.name: fact.kind for fact in stated}
                kinds |= {one.name: one.kind for one in rules.derived}
                choices |= _choices(rules.table)
        self.scope = replace(self.scope, facts=kinds, choices=choices)
        self.ledgers = {
            name: replace(ledger, terms=self._terms(source, ledger, facts.ledgers[name].terms, tables))
            for name, ledger in self.ledgers.items()
        }
        derived: list[Derived] = []
        for name, part in facts.derived.items():
            path: Place = ("derived", name)
            if part.aggregate is not None:
                one = self._aggregate(source, path, name, part, tables)
            elif part.weigh is not None:
                self._check_kind(source, path, part, Kind.NUMBER)
                one = self._weighed(source, path, name, part, part.weigh)
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

    def _terms(
        self, source: Source, ledger: Ledger, terms: Mapping[str, str], tables: Mapping[str, TableRules]
    ) -> dict[str, Node]:
        """The terms of a ledger, each read with those before it."""
        made: dict[str, Node] = {}
        for name, text in terms.items():
            path: Place = ("ledgers", ledger.name, "terms", name)
            scope = self._row_scope(source, path, ledger.name, tables)
            if name in scope.facts:
                raise source.error(path, f"{name} is also a fact. Rename the term.")
            made[name] = self._parse(source, path, text, replace(scope, terms=made), None)
        return made

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
        of = part.of or ""
        scope = self._row_scope(source, path, of, tables)
        expected = part.type if function in ("sum", "greatest") else Kind.YES_NO
        over = self._parse_dated(source, path, function, expression, part.law_at, scope, expected)
        where = None
        if part.where is not None:
            where = self._parse(source, (*path, "where"), part.where, scope, Kind.YES_NO)
        asked = facts_of(over) if where is None else (*facts_of(over), *facts_of(where))
        councils = [key for key in asked if self.scope.facts.get(key) is Kind.COUNCILS and of not in self.ledgers]
        if councils and function not in ("greatest", "every", "count"):
            raise source.error(
                path, f"{councils[0]} is asked of each council; {function} also counts what is tied to none."
            )
        kind = {"count": Kind.NUMBER, "any": Kind.YES_NO, "every": Kind.YES_NO}.get(function, part.type)
        if kind is not part.type or (function in ("sum", "greatest") and not kind.bounded):
            raise source.error(path, f"{function} gives a {kind.value}, not a {part.type.value}.")
        return Derived(name, kind, part.label, part.unit, Aggregate(function, of, over, where))

    def _row_scope(self, source: Source, path: Place, of: str, tables: Mapping[str, TableRules]) -> Scope:
        """The names that an aggregate may use over the rows of a table or ledger, whose law is that of its own date."""
        if of in self.ledgers:
            ledger = self.ledgers[of]
            own = {name: info.kind for name, info in self.infos.items() if info.table == of}
            to = tables[ledger.to.table].table
            own |= {fact.name: Kind.YES_NO for fact in to.facts.values() if fact.kind is Kind.YES_NO}
            if ledger.years is None:
                own |= {ledger.amount: Kind.MONEY}
            return replace(
                self.scope,
                facts={**self.scope.facts, **own},
                law_at=FactRef(ledger.date, Kind.DATE),
                terms=ledger.terms,
            )
        rules = tables.get(of)
        if rules is None or rules.table.shape not in (Shape.COUNCIL_YEAR, Shape.MANY, Shape.CURRENT):
            several = (Shape.COUNCIL_YEAR, Shape.MANY, Shape.CURRENT)
            known = [key for key, other in tables.items() if other.table.shape in several] + list(self.ledgers)
            raise source.error(path, f"{of} is no table of several rows, and no ledger{nearest(of, known)}.")
        stated = (fact for fact in rules.table.facts.values() if fact.name not in rules.table.keys)
        facts = {fact.name: fact.kind for fact in stated}
        facts |= {one.name: one.kind for one in rules.derived}
        if rules.table.shape is Shape.COUNCIL_YEAR:
            facts = {name: kind for name, kind in facts.items() if kind is not Kind.DATE}
            facts |= {name: facts[fact] for name, fact in rules.in_cycle.items()}
            facts |= {key: Kind.YES_NO for key, kind in self.scope.facts.items() if kind is Kind.COUNCILS}
        return replace(self.scope, facts=facts, choices=_choices(rules.table))

    def _weighed(self, source: Source, path: Place, name: str, part: DerivedPart, weigh: WeighPart) -> Derived:
        """A number that weighs pointers: how many hold of each strength, times its weight, one way less the other."""
        weights: dict[str, Node] = {
            strength: self._parse(source, (*path, "weigh", "weights", strength), text, self.scope, Kind.NUMBER)
            for strength, text in weigh.weights.items()
            if text is not None
        }
        for index, pointer in enumerate(weigh.pointers):
            if self.scope.facts.get(pointer.fact) is not Kind.YES_NO:
                hint = nearest(pointer.fact, [key for key, kind in self.scope.facts.items() if kind is Kind.YES_NO])
                raise source.error((*path, "weigh", "pointers", index), f"{pointer.fact} is no yes/no fact{hint}.")
        worth: dict[str, int] = {}
        for strength, weight in weights.items():
            if not isinstance(weight, Constant) or not isinstance(weight.value, int):
                raise source.error((*path, "weigh", "weights", strength), "a weight is a number that the pack gives.")
            worth[strength] = weight.value
        sides: list[Node] = []
        for side in (weigh.towards, weigh.against):
            total: Node = Constant(Kind.NUMBER, 0)
            for strength, weight in weights.items():
                facts = [one.fact for one in weigh.pointers if (one.towards, one.strength) == (side, strength)]
                if facts:
                    holding = CountOf(tuple(FactRef(fact, Kind.YES_NO) for fact in facts))
                    total = Sum(total, Product(weight, holding), minus=False)
            sides.append(total)
        pointers = tuple(
            Pointer(one.fact, one.towards, one.strength, worth.get(one.strength)) for one in weigh.pointers
        )
        weighing = Weighing(
            weigh.towards, weigh.against, pointers, weigh.title, weigh.verdict, weigh.unknown, weigh.otherwise
        )
        return Derived(name, part.type, part.label, part.unit, Sum(sides[0], sides[1], minus=True), (), weighing)

    def _modules(self, files: PackFiles) -> tuple[tuple[Module, ...], dict[str, Criterion], dict[str, Rule]]:
        read = {name: (source, validated(source, ModulePart)) for name, source in files.modules.items()}
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
                    name,
                    criterion.question,
                    test,
                    self._on_record(test),
                    criterion.source,
                    source.place(path),
                    self._waits_for(criterion.test),
                )
        conclusions = self._conclusions(read, criteria)
        rules: dict[str, Rule] = {}
        for name, (source, part) in read.items():
            for rule_id, rule in part.rules.items():
                if rule_id in rules:
                    place = rules[rule_id].place
                    raise source.error(("rules", rule_id), f"{rule_id} is also at {place}. Ids are permanent.")
                rules[rule_id] = self._rule(source, name, rule_id, rule, criteria, conclusions, files.part)
        for made in rules.values():
            if made.concludes is not None and made.record:
                guilty = next(name for name in made.inputs if name in criteria and criteria[name].record)
                raise PackError(
                    f"{made.place}: {made.id} concludes {made.concludes} from {guilty}, which asks whether the "
                    "register states a fact. A conclusion is about the world: a blank must stay unknown in it."
                )
        reported = [made.id for made in rules.values() if made.concludes is None]
        for source, part in read.values():
            for rule_id, rule in part.rules.items():
                for index, name in enumerate(rule.folds):
                    if name not in reported or name == rule_id:
                        known = nearest(name, reported)
                        raise source.error(
                            ("rules", rule_id, "folds", index), f"{name} is no other rule that is reported{known}."
                        )
        modules = tuple(Module(name, part.title, tuple(part.rules)) for name, (_, part) in read.items() if part.rules)
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
        due_on = None
        if part.due_on is not None:
            due_on = self._parse(source, (*path, "due_on"), part.due_on, self.scope, Kind.DATE)
            name = due_criterion(rule_id)
            is_past = Compare(">", Moment("as_of"), due_on)
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
            place=source.place(path),
            due_on=due_on,
            folds=tuple(part.folds),
        )

    def _waits_for(self, text: str) -> tuple[str, ...]:
        """The blank parameters that a question asks to be given."""
        values = {name: self.scope.parameters[name] for name in _GIVEN.findall(text)}
        return tuple(name for name, value in values.items() if isinstance(value, Constant) and value.value is None)

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
        if name in ("ledger", "ledger_latest"):
            if of not in self.ledgers:
                raise source.error(path, f"{{{name}:{of}}} is not known{nearest(of, list(self.ledgers))}.")
            return
        if of and (name != "because" or of not in questions):
            raise source.error(path, f"{{{name}:{of}}} is not known{nearest(of, list(questions))}.")
        known = [*MESSAGE_WORDS, *self.scope.facts, *(f"policy.{key}" for key in self.scope.parameters)]
        if name not in known:
            raise source.error(path, f"{{{name}}} is not known{nearest(name, known)}.")


def _check_amounts(source: Source, path: Place, table: Table, part: TablePart) -> None:
    for fact in table.facts.values():
        if fact.name not in table.keys and fact.kind not in (Kind.MONEY, Kind.NUMBER, Kind.CHOICE, Kind.DATE):
            raise source.error(
                (*path, "facts", fact.name), "a fact by council and year is money, a number, a choice or a date."
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
