"""Registers of any size, made up, as Parquet: correlated as real ones are, or as contrary as can be."""

from pathlib import Path

import numpy as np
import polars as pl

CHOICES = {
    "registered_class": ["significant", "desirable"],
    "type": ["strategic", "service improvement", "community liaison", "community delivery"],
    "theme": ["Economy", "Homes", "Infrastructure", "Communities", "Wellbeing", "Environment", "Heritage", "Resources"],
    "form": ["service level agreement", "contract", "grant agreement", "memorandum", "terms of reference", "informal"],
    "legal_power": ["general power of competence", "specific statute", "none"],
    "risk": ["significant", "medium", "low"],
    "represented_by": ["leader", "portfolio lead", "SLT", "ELT", "specialist", "other member", "nobody"],
    "vat_position": ["net", "included", "exempt", "outside the scope"],
    "funding_kind": ["grant", "contract"],
    "renewal_decided_by": ["named body", "delegated", "undecided"],
}

RISKS = ["reputational_risk", "political_risk", "legal_risk", "operational_risk"]
FACTORS = [
    "influence_on_spending", "impact_on_services", "impact_on_policy", "meets_local_needs", "saves_funds",
    "public_profile", "statutory_requirement", "serves_vulnerable_people", "safeguarding_policy",
    "handles_personal_data", "contracts_out_function",
]  # fmt: skip
CLAUSES = [
    "clause_parties", "clause_purpose", "clause_term", "clause_payment", "clause_eligible_use", "clause_monitoring",
    "clause_recovery", "clause_termination", "clause_insurance", "clause_safeguarding", "clause_equality",
    "clause_data_protection",
]  # fmt: skip
SIGNS_OF_A_CONTRACT = [
    "defined_service", "bound_to_perform", "discharges_duty", "fixed_price", "breach_remedies",
    "council_sought_provider", "council_fixes_method", "council_controls", "others_could_deliver",
    "treated_as_trading", "terms_tightened",
]  # fmt: skip
SIGNS_OF_A_GRANT = [
    "grant_scheme", "own_objects", "own_targets", "assurance_only", "paid_against_cost", "unspent_repaid",
    "no_claim_to_payment", "diffuse_benefit",
]  # fmt: skip
PLAN = ["plan_spending", "plan_benefit", "plan_priorities", "plan_value", "plan_measures"]


_FIRST = [
    "Abbey",
    "Acorn",
    "Anchor",
    "Avon",
    "Beacon",
    "Blackdown",
    "Bridge",
    "Brook",
    "Castle",
    "Cedar",
    "Channel",
    "Chapel",
    "Coast",
    "Cobb",
    "Combe",
    "Copper",
    "Dart",
    "Deer",
    "Eagle",
    "Elm",
    "Erme",
    "Fern",
    "Ford",
    "Gara",
    "Glebe",
    "Granite",
    "Grove",
    "Harbour",
    "Hazel",
    "Heather",
    "Hill",
    "Holly",
    "Ivy",
    "Kestrel",
    "Lantern",
    "Larch",
    "Lydford",
    "Maple",
    "Marsh",
    "Meadow",
    "Mill",
    "Moor",
    "Oak",
    "Orchard",
    "Otter",
    "Pebble",
    "Plym",
    "Quarry",
    "Raven",
    "Ridge",
    "River",
    "Rowan",
    "Salt",
    "Shore",
    "Stone",
    "Swift",
    "Tamar",
    "Tavy",
    "Teign",
    "Thorn",
    "Tide",
    "Torr",
    "Umber",
    "Valley",
    "Walk",
    "Water",
    "Willow",
    "Yarrow",
    "Yealm",
    "Zephyr",
]
_SECOND = [
    "Advice",
    "Arts",
    "Athletics",
    "Boating",
    "Carers",
    "Choir",
    "Community",
    "Cricket",
    "Cycling",
    "Dance",
    "Drama",
    "Employment",
    "Energy",
    "Enterprise",
    "Families",
    "Farming",
    "Festival",
    "Film",
    "Fishing",
    "Food",
    "Football",
    "Gardens",
    "Health",
    "Heritage",
    "History",
    "Housing",
    "Learning",
    "Leisure",
    "Library",
    "Market",
    "Mediation",
    "Mentoring",
    "Museum",
    "Music",
    "Nature",
    "Nursery",
    "Pantry",
    "Play",
    "Recycling",
    "Rowing",
    "Sailing",
    "Scouts",
    "Skills",
    "Sport",
    "Theatre",
    "Tourism",
    "Training",
    "Transport",
    "Volunteers",
    "Walking",
    "Wildlife",
    "Woodland",
    "Youth",
]
_THIRD = [
    "Alliance",
    "Association",
    "Centre",
    "Circle",
    "Club",
    "Company",
    "Fellowship",
    "Forum",
    "Foundation",
    "Group",
    "Guild",
    "Hub",
    "League",
    "Network",
]


def organisation(number: int) -> str:
    """The name of an organisation by its number: beyond fifty thousand they repeat with the number behind."""
    rest, third = divmod(number, len(_THIRD))
    rest, second = divmod(rest, len(_SECOND))
    again, first = divmod(rest, len(_FIRST))
    name = f"{_FIRST[first]} {_SECOND[second]} {_THIRD[third]}"
    return f"{name} of {_FIRST[again % len(_FIRST)]} {_SECOND[again // len(_FIRST)]}" if again else name


class _Made:
    """Columns drawn for so many rows, of which each has a size and a care with which it is kept.

    Blanks cluster in rows of little care; of an adversarial register nothing depends on anything, and blanks are many.
    """

    def __init__(self, rows: int, seed: int, adversarial: bool) -> None:
        self.draw, self.rows, self.adversarial = np.random.default_rng(seed), rows, adversarial
        self.size = self.draw.normal(size=rows)
        self.blanks = np.full(rows, 0.4) if adversarial else 0.02 + 0.28 * self.draw.beta(1.0, 3.0, size=rows)
        self.care = 1.0 - self.blanks

    def of(self, rows: np.ndarray) -> "_Made":
        """The same for the rows of a child table."""
        made = object.__new__(_Made)
        made.draw, made.rows, made.adversarial = self.draw, len(rows), self.adversarial
        made.size, made.blanks, made.care = self.size[rows], self.blanks[rows], self.care[rows]
        return made

    def known(self, values: np.ndarray | pl.Series) -> pl.Series:
        """Values, some of them blank."""
        return pl.Series(values).set(pl.Series(self.draw.random(self.rows) < self.blanks), None)

    def yes_no(self, share: float, by_size: float = 0.0) -> pl.Series:
        odds = share if self.adversarial else np.clip(share + by_size * self.size + 0.2 * (self.care - 0.9), 0.01, 0.99)
        return self.known(self.draw.random(self.rows) < odds)

    def choice(self, options: list[str]) -> pl.Series:
        weights = np.ones(len(options)) if self.adversarial else 1.0 / np.arange(1, len(options) + 1)
        picked = self.draw.choice(len(options), size=self.rows, p=weights / weights.sum())
        return self.known(np.array(options, dtype=object)[picked]).cast(pl.String)

    def pounds(self, middle: float, spread: float = 1.2) -> pl.Series:
        drawn = np.exp(np.log(middle) + (0.0 if self.adversarial else 0.8) * self.size
                       + self.draw.normal(scale=spread, size=self.rows))  # fmt: skip
        whole = np.clip(np.round(drawn, -1), 0, 5e7).astype(np.int64)
        return self.known(np.where(self.draw.random(self.rows) < 0.15, 0, whole)).cast(pl.Decimal(12, 2))

    def days(self, first: str, last: str) -> pl.Series:
        start, end = np.datetime64(first), np.datetime64(last)
        drawn = start + (self.draw.random(self.rows) * (end - start).astype(int)).astype("timedelta64[D]")
        return self.known(drawn).cast(pl.Date)


def write(folder: Path, partnerships: int, *, seed: int = 1, adversarial: bool = False) -> None:
    """Write a register of so many partnerships as Parquet tables into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _Made(partnerships, seed, adversarial)
    refs = pl.Series("ref", [f"P{number:08}" for number in range(partnerships)])
    beneficiaries = max(partnerships // 4, 1)
    paid_to = np.minimum((beneficiaries * made.draw.beta(0.8, 1.6, size=partnerships)).astype(int), beneficiaries - 1)

    def save(table: str, /, **columns: pl.Series) -> None:
        pl.DataFrame(columns).write_parquet(folder / f"{table}.parquet", compression="zstd")

    save(
        "register",
        ref=refs,
        name=pl.Series([f"Partnership {number}" for number in range(partnerships)]),
        lead_member=made.choice(["Portfolio holder for Assets", "Leader of the Council", "Ward member", "Hub Lead"]),
        lead_officer=made.choice(["Lead Specialist, Wellbeing", "Case Manager", "Executive Director", "Specialist"]),
        registered_class=made.choice(CHOICES["registered_class"][::-1]),
        area_covered=made.choice(["South Hams", "West Devon", "South Hams and West Devon", "Devon"]),
        purpose=made.known(np.array([f"Purpose {number % 997}" for number in range(partnerships)], dtype=object)).cast(
            pl.String
        ),
        partners=made.known(np.array([organisation(number) for number in paid_to], dtype=object)).cast(pl.String),
        type=made.choice(CHOICES["type"][::-1]),
        theme=made.choice(CHOICES["theme"]),
    )

    every = np.arange(partnerships)
    lines = np.concatenate([every[made.draw.random(partnerships) < share] for share in (0.9, 0.8, 0.7, 0.7, 0.6, 0.5)])
    of = made.of(lines)
    save(
        "contributions",
        ref=refs.gather(lines),
        council=pl.Series(np.where(of.draw.random(len(lines)) < 0.6, "SHDC", "WDBC")),
        year=pl.Series(np.array(["2014/15", "2015/16", "2016/17", "2017/18"])[of.draw.integers(0, 4, len(lines))]),
        direct_funding=of.pounds(9_000),
        officer_days=of.known(np.round(of.draw.gamma(1.5, 1.5, len(lines)), 1)),
        officer_cost=of.pounds(2_500),
        in_kind=of.pounds(500),
        funding_kind=of.choice(CHOICES["funding_kind"]),
        granted_on=of.days("2014-04-01", "2017-01-31"),
    )
    held = np.concatenate([every[made.draw.random(partnerships) < share] for share in (0.9, 0.35)])
    of = made.of(held)
    starts = of.days("2012-04-01", "2017-06-30")
    ends = starts.cast(pl.Int32) + pl.Series(of.draw.integers(1, 6, len(held)) * 365, dtype=pl.Int32)
    save(
        "agreements",
        ref=refs.gather(held),
        form=of.choice(CHOICES["form"]),
        agreement_start=starts,
        agreement_end=of.known(ends).cast(pl.Date),
        signed=of.yes_no(0.7),
        states_outcomes=of.yes_no(0.6),
        outcomes_agreed_on=of.days("2013-04-01", "2016-07-31"),
        outcomes_confirmed_on=of.days("2014-04-01", "2016-07-31"),
        outcomes_relate_to_theme=of.yes_no(0.8),
        outcomes_relate_to_locality=of.yes_no(0.5),
        agreement_value=of.pounds(60_000),
        parties_sh=of.yes_no(0.7),
        parties_wd=of.yes_no(0.6),
        legal_input=of.yes_no(0.5, 0.1),
        legal_power=of.choice(CHOICES["legal_power"]),
        standard_form=of.yes_no(0.3),
        **{name: of.yes_no(0.75) for name in CLAUSES},
    )
    few = every[made.draw.random(partnerships) < 0.95]
    of = made.of(few)
    save(
        "risk",
        ref=refs.gather(few),
        **{name: of.choice(CHOICES["risk"][::-1]) for name in RISKS},
        **{name: of.yes_no(0.35, 0.15) for name in FACTORS},
    )
    save(
        "monitoring",
        ref=refs.gather(few),
        taking_part_sh=of.yes_no(0.8),
        taking_part_wd=of.yes_no(0.7),
        entered_on=of.days("2009-01-01", "2016-07-31"),
        represented_by=of.choice(CHOICES["represented_by"]),
        member_sits=of.yes_no(0.4),
        member_appointed_on=of.days("2014-05-01", "2016-06-30"),
        annual_report_on=of.days("2014-08-01", "2016-08-01"),
        quarter_reported_to=of.days("2015-06-30", "2016-06-30"),
        annual_review_on=of.days("2014-08-01", "2016-08-01"),
        value_assessed_on=of.days("2014-08-01", "2016-08-01"),
        value_assessed_at_start=of.yes_no(0.4),
        scrutiny_reported_on=of.days("2014-08-01", "2016-08-01"),
        streamlining_reviewed=of.yes_no(0.5),
    )
    save(
        "grant_or_contract",
        ref=refs.gather(few),
        **{name: of.yes_no(0.3, 0.1) for name in SIGNS_OF_A_CONTRACT},
        **{name: of.yes_no(0.5, -0.1) for name in SIGNS_OF_A_GRANT},
        outcomes_at_start=of.known(of.draw.integers(0, 8, len(few))),
        outcomes_now=of.known(of.draw.integers(0, 12, len(few))),
        monitoring_at_start=of.known(of.draw.integers(0, 4, len(few))),
        monitoring_now=of.known(of.draw.integers(0, 6, len(few))),
        tightened_on=of.days("2013-01-01", "2016-07-31"),
        fresh_decision=of.yes_no(0.3),
        fresh_decision_on=of.days("2013-01-01", "2016-07-31"),
        competed=of.yes_no(0.3, 0.1),
        notice_published=of.yes_no(0.3, 0.1),
        notice_on=of.days("2013-01-01", "2016-07-31"),
        first_approach_on=of.days("2013-01-01", "2016-07-31"),
        awarded_on=of.days("2013-01-01", "2016-07-31"),
        light_touch_service=of.yes_no(0.4),
        service_kind=of.choice(["advice", "transport", "sport", "culture", "tourism"]),
        whole_life_value=of.pounds(90_000),
        extended_end=of.days("2016-01-01", "2022-03-31"),
        vat_position=of.choice(CHOICES["vat_position"]),
        in_published_list=of.yes_no(0.6),
        in_house_considered=of.yes_no(0.4),
        alternatives_considered=of.yes_no(0.4),
    )
    of = made.of(every)
    numbers = 200_000 + paid_to
    save(
        "partners",
        ref=refs,
        organisation=pl.Series([organisation(number) for number in paid_to]),
        charity_number=of.known(numbers).cast(pl.String),
        receives_funding=of.yes_no(0.9),
        vcs_body=of.yes_no(0.7),
        economic_activity=of.yes_no(0.4),
        entrusted=of.yes_no(0.2),
        aid_declared=of.yes_no(0.5),
        on_database=of.yes_no(0.5),
        under_scheme=of.yes_no(0.1),
    )
    of = made.of(few)
    save(
        "renewal",
        ref=refs.gather(few),
        cycle=pl.repeat("2017/18", len(few), eager=True),
        agreement_renewed=of.yes_no(0.5),
        plan_received_on=of.days("2016-06-01", "2016-11-30"),
        **{name: of.yes_no(0.7) for name in PLAN},
        plan_decided=of.yes_no(0.4),
        modification_recorded=of.yes_no(0.1),
        procurement_assessed=of.yes_no(0.5),
        renewal_decided_by=of.choice(CHOICES["renewal_decided_by"]),
        materially_changed=of.yes_no(0.2),
        interim_cover=of.yes_no(0.4),
        compliance_confirmed=of.yes_no(0.5),
        reduction_on=of.days("2017-01-01", "2017-12-31"),
        organisation_notified_on=of.days("2016-01-01", "2017-03-31"),
        users_notified_on=of.days("2016-01-01", "2017-03-31"),
    )
