"""Makes ``renewal-before.xlsx`` and ``renewal-after.xlsx``: one illustrative register on both sides of a renewal.

Run it from the root of the project: ``uv run --no-sync python examples/make_renewal.py``. The same bytes come out every
time. The first has the state of 4 November 2016, five months before the funding cycle 2017/18, the second that of
10 April 2017, ten days into it. What an audit of each must say stands beside it, in ``renewal-before.expected.yaml``
and ``renewal-after.expected.yaml``: change them together.

A sheet has an ordinary row; a partnership says only in what it differs from it, and what is different after renewal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from make_register import (
    AGREEMENT_HEADINGS,
    CONTRIBUTION_HEADINGS,
    GENERAL,
    HEADINGS,
    RISK_HEADINGS,
    CellValue,
    same_bytes,
    write_heading_row,
    write_rows,
    write_sheet,
)
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

Cells = Mapping[str, CellValue]
"""What cells hold, by the headings of their columns."""

NOTHING: Cells = {}
CYCLE = "2017/18"
YEARS = ("2014/15", "2015/16", "2016/17", CYCLE)


@dataclass(frozen=True)
class State:
    """What a partnership differs in from the ordinary: before renewal, or once more after it."""

    entry: Cells = field(default_factory=dict)
    risk: Cells = field(default_factory=dict)
    monitoring: Cells = field(default_factory=dict)
    signs: Cells = field(default_factory=dict)
    renewal: Cells = field(default_factory=dict)
    partner: Cells = field(default_factory=dict)
    agreements: Sequence[Cells] | None = None
    """Its agreements, each by what differs from the ordinary one; none stated: the ordinary ones."""


@dataclass(frozen=True)
class Partnership:
    """A partnership, what each council pays it in the four years (none before it was entered), and its two states."""

    ref: str
    theme: str
    paid: Mapping[str, Sequence[int | None]]
    before: State
    after: State = field(default_factory=State)
    kind: str = "grant"
    officers: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    """Officer days a month and their cost in the year, by council."""
    keeps: bool = False
    """Whether its agreements run on, or out, after renewal: none was made for the cycle."""
    recorded: bool = True
    """Whether the funding of the cycle is recorded after renewal."""


def signs(contract: str, grant: str) -> Cells:
    """The signs 1 to 10 of a contract and 12 to 19 of a grant, by their answers; a dot is a blank."""
    answers = [*contract.split(), *grant.split()]
    return {heading: None if answer == "." else answer for heading, answer in zip(SIGN_HEADINGS, answers, strict=True)}


CLAUSES = AGREEMENT_HEADINGS[16:]
SIGN_HEADINGS = (
    *("1 Defined service in return", "2 Legally bound to perform", "3 Discharges a council duty"),
    *("4 Paid per unit, result or fixed price", "5 Breach remedies beyond recovery", "6 Council sought a provider"),
    *("7 Council fixes volumes or method", "8 Council controls the service", "9 Others could deliver it"),
    *("10 Treated as trading", "12 Published grant scheme", "13 Recipient's own objects"),
    *("14 Recipient's own targets", "15 Monitoring limited to assurance", "16 Paid against expenditure"),
    *("17 Unspent money repaid", "18 No claim to payment", "19 Diffuse benefit"),
)

# The ordinary rows: a small grant for community delivery, looked after as the policy asks.
ENTRY: Cells = {
    "Lead Member": "Portfolio holder, Communities",
    "Lead Officer": "Lead Specialist, Communities",
    "Significant/Desirable": "Significant",
    "Agreement dates": "1 April 2014 – 31 March 2017",
    "Type of Partnership": "Community delivery",
}
ENTRY_AFTER: Cells = {"Agreement dates": "1 April 2017 – 31 March 2020"}
RISK: Cells = dict(
    zip(
        RISK_HEADINGS[2:],
        (*["Low"] * 4, "no", "no", "no", "yes", "no", "no", "no", "no", "yes", "no", "no"),
        strict=True,
    )
)
MONITORING: Cells = {
    "Councils taking part": "SHDC, WDBC",
    "First entered": date(2012, 4, 1),
    "Entry decided by the deciding body of": "none",
    "Entered under delegated authority": "yes",
    "Represented by": "Lead specialist",
    "Specialist lead": "Lead Specialist, Communities",
    "Member sits on it": "no",
    "Member appointed on": "never",
    "Annual report received": date(2016, 5, 16),
    "Reported to quarter ended": date(2016, 9, 30),
    "Annual review done": date(2016, 6, 6),
    "Value for money assessed": date(2016, 6, 6),
    "Value for money assessed at the start": "yes",
    "Reported to Overview and Scrutiny": date(2016, 6, 23),
    "Reviewed for streamlining": "yes",
}
MONITORING_AFTER: Cells = {"Reported to quarter ended": date(2016, 12, 31)}
SIGNS: Cells = {
    **signs("no no no no no no no no no no", "yes yes yes yes no yes yes yes"),
    "11 Terms tightened at renewals": "no",
    "20 Called": "grant",
    "Outcomes set at the start": 3,
    "Outcomes set now": 3,
    "Monitoring a year at the start": 1,
    "Monitoring a year now": 1,
    "Terms tightened on": "never",
    "Grant or contract decided afresh": "no",
    "Decided afresh on": None,
    "Opened to competition": "no",
    "Notice published": "no",
    "Procurement notice on": "never",
    "First approach on": None,
    "Awarded on": None,
    "Light-touch service": "yes",
    "Kind of service": "advice",
    "Whole-life value": None,
    "Latest end with extensions": None,
    "VAT position": "outside the scope",
    "In the published list": "yes",
    "In-house delivery considered": "yes",
    "Alternatives considered": "yes",
}
RENEWAL: Cells = {
    "Cycle": CYCLE,
    "New agreement covers the cycle": "no",
    "Business plan received": None,
    "Plan: spending": None,
    "Plan: benefit to residents": None,
    "Plan: strategic priorities": None,
    "Plan: value for money": None,
    "Plan: success measures": None,
    "Decision on plan": "no",
    "Appendix 4 modification": "no",
    "Procurement position assessed": "no",
    "Renewal decided by": "undecided",
    "New or materially changed": "no",
    "Interim arrangement": "no",
    "Overview and Scrutiny recommended on": "never",
    "Compliance confirmed": "no",
    "Reduction from": None,
    "Notice to organisation": None,
    "Notice to users": None,
}
RENEWAL_AFTER: Cells = {
    "New agreement covers the cycle": "yes",
    "Procurement position assessed": "yes",
    "Renewal decided by": "delegated",
    "Compliance confirmed": "yes",
}
PARTNER: Cells = {
    "Charity number": None,
    "Company number": None,
    "Receives the money": "yes",
    "VCS body": "yes",
    "Economic activity": "no",
    "Public service entrusted": "no",
    "Aid declaration": "no",
    "On subsidy database": "no",
    "Under a registered scheme": "no",
}
AGREEMENT: Cells = {
    "Form": "SLA",
    "Start": date(2014, 4, 1),
    "End": date(2017, 3, 31),
    "States an end date": "yes",
    "Signed": "yes",
    "Delivery outcomes": "yes",
    "Outcomes agreed on": date(2014, 4, 1),
    "Outcomes confirmed at annual review on": date(2016, 6, 6),
    "Outcomes relate to a theme": "yes",
    "Outcomes relate to Locality work": "yes",
    "Legal input": "yes",
    "Power relied on": GENERAL,
    "Standard form": "no",
}
NEW_AGREEMENT: Cells = {
    "Start": date(2017, 4, 1),
    "End": date(2020, 3, 31),
    "Outcomes agreed on": date(2017, 3, 20),
    "Outcomes confirmed at annual review on": "never",
    "Standard form": "yes",
    **dict.fromkeys(CLAUSES, "yes"),
}
CONTRACT: Cells = {
    "Form": "Contract",
    "Outcomes agreed on": date(2016, 4, 1),
    "Outcomes confirmed at annual review on": "never",
}

# What several of them share
PEOPLE_AT_RISK: Cells = {"Serves children or adults at risk": "yes", "Handles personal data": "yes"}
IN_THE_PUBLIC_EYE: Cells = {"High impact on services": "yes", "High public profile": "yes"}
WHOLE_PLAN: Cells = {
    "Plan: spending": "yes",
    "Plan: benefit to residents": "yes",
    "Plan: strategic priorities": "yes",
    "Plan: value for money": "yes",
    "Plan: success measures": "yes",
}
FIRST_YEAR: Cells = {
    "First entered": date(2016, 4, 1),
    "Annual report received": "never",
    "Annual review done": "never",
    "Value for money assessed": "never",
    "Reported to Overview and Scrutiny": "never",
}
FIRST_YEAR_OVER: Cells = {
    "Annual report received": date(2017, 4, 3),
    "Annual review done": date(2017, 4, 4),
    "Value for money assessed": date(2017, 4, 4),
    "Reported to Overview and Scrutiny": date(2017, 4, 6),
}
BOUGHT: Cells = {
    **signs("yes yes no yes yes yes yes no yes yes", "no no no no no no no no"),
    "20 Called": "contract",
    "Light-touch service": "no",
    "VAT position": "net",
}
ON_THE_MARKET: Cells = {"VCS body": "no", "Economic activity": "yes", "Aid declaration": "yes"}
TWO_RIVERS: Cells = {
    "Organisation": "Two Rivers Community Trust",
    "Charity number": "9900410",
    "Economic activity": "yes",
}
TWO_RIVERS_AFTER: Cells = {"Public service entrusted": "yes", "Aid declaration": "yes"}

PARTNERSHIPS = (
    # A plan in time and complete, and an agreement renewed as the report asks.
    Partnership(
        ref="R01",
        theme="Communities",
        paid={"SHDC": (48000, 48000, 48000, 48000)},
        officers={"SHDC": (1, 3600)},
        before=State(
            entry={
                "Name": "South Hams CAB",
                "Area covered": "South Hams",
                "Purpose": "Free, independent advice on debt, benefits and housing",
                "Partners": "Citizens Advice in South Hams",
            },
            risk={**PEOPLE_AT_RISK, **IN_THE_PUBLIC_EYE},
            renewal={"Business plan received": date(2016, 9, 20), **WHOLE_PLAN},
            partner={"Charity number": "9900101"},
        ),
    ),
    # A plan two weeks late, and funding that falls: by a decision on the plan, recorded after 4 November.
    Partnership(
        ref="R02",
        theme="Communities",
        paid={"WDBC": (32900, 32900, 32900, 30000)},
        officers={"WDBC": (1, 1200)},
        before=State(
            entry={
                "Name": "West Devon CAB",
                "Area covered": "West Devon",
                "Purpose": "Advice on debt, benefits and housing, with outreach in the villages",
                "Partners": "Citizens Advice in West Devon",
            },
            risk={**PEOPLE_AT_RISK, **IN_THE_PUBLIC_EYE},
            renewal={"Business plan received": date(2016, 10, 14), **WHOLE_PLAN},
            partner={"Charity number": "9900102"},
        ),
        after=State(
            renewal={
                "Decision on plan": "yes",
                "Renewal decided by": "named body",
                "New or materially changed": "yes",
                "Notice to organisation": date(2016, 12, 12),
                "Notice to users": date(2016, 12, 12),
            },
        ),
    ),
    # A plan with two points missing, an agreement never signed, and the wrong class: all put right.
    Partnership(
        ref="R03",
        theme="Communities",
        paid={"SHDC": (10000, 10000, 10000, 10000)},
        officers={"SHDC": (1, 1200)},
        before=State(
            entry={
                "Name": "South Hams CVS",
                "Significant/Desirable": "Desirable",
                "Area covered": "South Hams",
                "Purpose": "Support, training and a voice for voluntary groups",
                "Partners": "Council for voluntary service, South Hams",
            },
            renewal={
                "Business plan received": date(2016, 9, 28),
                **WHOLE_PLAN,
                "Plan: value for money": "no",
                "Plan: success measures": "no",
            },
            partner={"Charity number": "9900103"},
            agreements=({"Signed": "no"},),
        ),
        after=State(entry={"Significant/Desirable": "Significant"}, renewal=WHOLE_PLAN, agreements=(NEW_AGREEMENT,)),
    ),
    # No plan, an agreement that ran out in March 2016, and nothing done since.
    Partnership(
        ref="R04",
        theme="Communities",
        paid={"WDBC": (7500, 7500, 7500, 7500)},
        before=State(
            entry={
                "Name": "West Devon CVS",
                "Significant/Desirable": "Desirable",
                "Area covered": "West Devon",
                "Purpose": "Support and training for voluntary groups",
                "Partners": "Council for voluntary service, West Devon",
                "Agreement dates": "1 April 2013 – 31 March 2016",
                "Financial arrangements": "WDBC £7,500 pa, no officer time",
            },
            renewal={"Business plan received": "never"},
            partner={"Charity number": "9900104"},
            agreements=(
                {
                    "Start": date(2013, 4, 1),
                    "End": date(2016, 3, 31),
                    "Outcomes agreed on": date(2013, 4, 1),
                    "Outcomes confirmed at annual review on": date(2015, 6, 8),
                },
            ),
        ),
        after=State(
            renewal={
                "New agreement covers the cycle": "no",
                "Procurement position assessed": "no",
                "Renewal decided by": "undecided",
                "Compliance confirmed": "no",
            },
        ),
        keeps=True,
        recorded=False,
    ),
    # An agreement that ends with the year, and money that stops with it; the users were never told.
    Partnership(
        ref="R05",
        theme="Communities",
        paid={"WDBC": (5710, 5710, 5710, 0)},
        officers={"WDBC": (0.5, 900)},
        before=State(
            entry={
                "Name": "Tavistock Ring & Ride",
                "Significant/Desirable": "Desirable",
                "Area covered": "West Devon (Tavistock and villages)",
                "Purpose": "Door-to-door transport",
                "Partners": "Tavistock Ring & Ride committee",
                "Agreement dates": "1 January 2014 – 31 December 2016",
            },
            risk=PEOPLE_AT_RISK,
            signs={"Light-touch service": "no", "Kind of service": "passenger transport"},
            renewal={
                "Appendix 4 modification": "yes",
                "Reduction from": date(2017, 1, 1),
                "Notice to organisation": date(2016, 9, 12),
                "Notice to users": "never",
            },
            partner={"Charity number": "9900105"},
            agreements=({"Start": date(2014, 1, 1), "End": date(2016, 12, 31)},),
        ),
        keeps=True,
    ),
    # The grant that tips: more outcomes and closer monitoring each year, then an agreement that binds.
    Partnership(
        ref="R06",
        theme="Wellbeing",
        paid={"SHDC": (22000, 22000, 22000, 22000), "WDBC": (18000, 18000, 18000, 18000)},
        officers={"SHDC": (1, 1200), "WDBC": (1, 1200)},
        before=State(
            entry={
                "Name": "Moorland Home Support (illustrative)",
                "Lead Officer": "Lead Specialist, Wellbeing",
                "Area covered": "South Hams and West Devon",
                "Purpose": "Help at home after a stay in hospital",
                "Partners": "Moorland Home Support",
            },
            risk={**PEOPLE_AT_RISK, **IN_THE_PUBLIC_EYE},
            signs={
                **signs("yes no no no no yes yes no yes no", "no no no no no yes no yes"),
                "11 Terms tightened at renewals": None,
                "Outcomes set at the start": 3,
                "Outcomes set now": 11,
                "Monitoring a year at the start": 1,
                "Monitoring a year now": 4,
                "Terms tightened on": date(2016, 4, 1),
                "Kind of service": "home support",
                "VAT position": "exempt",
            },
            partner={"Charity number": "9900106", "Economic activity": None},
            agreements=({"Value": 120000},),
        ),
        after=State(
            signs={
                "2 Legally bound to perform": "yes",
                "5 Breach remedies beyond recovery": "yes",
                "Outcomes set now": 14,
                "Terms tightened on": date(2017, 4, 1),
                "First approach on": date(2016, 11, 14),
                "Awarded on": date(2017, 3, 1),
                "Whole-life value": 120000,
            },
            renewal={"New or materially changed": "yes"},
            partner={"Economic activity": "yes", "Aid declaration": "yes"},
            agreements=({"Value": 120000}, {**NEW_AGREEMENT, "Value": 120000}),
        ),
    ),
    # A contract above the threshold for services, never opened to competition. Its periods are drawn up in advance, and
    # each is awarded as it begins.
    Partnership(
        ref="R07",
        theme="Infrastructure",
        kind="contract",
        paid={"SHDC": (None, None, 40000, 40000), "WDBC": (None, None, 20000, 20000)},
        before=State(
            entry={
                "Name": "Area Transport Brokerage (illustrative)",
                "Lead Officer": "Lead Specialist, Place Making",
                "Area covered": "South Hams and West Devon",
                "Purpose": "Finds a seat on somebody's minibus",
                "Partners": "Brokerage Services of the Moor",
                "Agreement dates": "1 April 2016 – 28 February 2025",
                "Financial arrangements": "SHDC £40,000 pa, WDBC £20,000 pa, no officer time",
            },
            monitoring={**FIRST_YEAR, "Value for money assessed at the start": "no"},
            signs={
                **BOUGHT,
                "Kind of service": "passenger transport",
                "Notice published": "yes",
                "Whole-life value": 240000,
            },
            partner={"Company number": "99000107", **ON_THE_MARKET},
            agreements=(
                {**CONTRACT, "Start": date(2016, 4, 1), "End": date(2025, 2, 28), "Value": 240000},
                {**CONTRACT, "Start": date(2025, 3, 1), "End": date(2026, 3, 31), "Value": 240000},
                {**CONTRACT, "Start": date(2026, 4, 1), "End": date(2036, 3, 31), "Value": 240000},
            ),
        ),
        after=State(monitoring={"Annual report received": date(2017, 4, 3)}),
        keeps=True,
    ),
    # A contract just under the threshold, opened to competition and published late.
    Partnership(
        ref="R08",
        theme="Environment",
        kind="contract",
        paid={"SHDC": (None, None, 50000, 50000)},
        officers={"SHDC": (1, 1200)},
        before=State(
            entry={
                "Name": "Bring Bank Emptying (illustrative)",
                "Lead Member": "Portfolio holder, Environment",
                "Lead Officer": "Lead Specialist, Waste",
                "Area covered": "South Hams",
                "Purpose": "Empties the recycling banks of the villages",
                "Partners": "Clearwell Recycling",
                "Agreement dates": "1 April 2016 – 31 March 2019",
            },
            monitoring=FIRST_YEAR,
            signs={
                **BOUGHT,
                "Kind of service": "recycling",
                "Opened to competition": "yes",
                "First approach on": date(2016, 1, 11),
                "Awarded on": date(2016, 3, 7),
                "Whole-life value": 150000,
                "In the published list": "no",
            },
            partner={"Company number": "99000108", **ON_THE_MARKET},
            agreements=({**CONTRACT, "Start": date(2016, 4, 1), "End": date(2019, 3, 31), "Value": 150000},),
        ),
        after=State(monitoring=FIRST_YEAR_OVER, signs={"Notice published": "yes", "In the published list": "yes"}),
        keeps=True,
    ),
    # Two agreements for one kind of service within a year, each under the threshold, together over it.
    Partnership(
        ref="R09",
        theme="Homes",
        kind="contract",
        paid={"SHDC": (None, None, 50000, 57000)},
        officers={"SHDC": (1, 1200)},
        before=State(
            entry={
                "Name": "Handyperson Service (illustrative)",
                "Lead Member": "Portfolio holder, Homes",
                "Lead Officer": "Lead Specialist, Housing",
                "Area covered": "South Hams",
                "Purpose": "Small repairs and adaptations",
                "Partners": "Hearth Repairs",
                "Agreement dates": "1 July 2016 – 30 June 2019",
            },
            monitoring=FIRST_YEAR,
            signs={
                **BOUGHT,
                "Kind of service": "adaptations",
                "Notice published": "yes",
                "First approach on": date(2016, 2, 1),
                "Awarded on": date(2016, 6, 13),
                "Whole-life value": 84000,
            },
            renewal={"Appendix 4 modification": "yes"},
            partner={"Company number": "99000109", **ON_THE_MARKET},
            agreements=(
                {**CONTRACT, "Start": date(2016, 4, 1), "End": date(2019, 3, 31), "Value": 87000},
                {**CONTRACT, "Start": date(2016, 7, 1), "End": date(2019, 6, 30), "Value": 84000},
            ),
        ),
        after=State(monitoring=FIRST_YEAR_OVER),
        keeps=True,
    ),
    # One charity in two partnerships, one with each council: together past the ceiling for small amounts of aid. After
    # renewal the service is entrusted in writing, which has a ceiling of its own.
    Partnership(
        ref="R10",
        theme="Wellbeing",
        paid={"SHDC": (34000, 34000, 34000, 34000)},
        officers={"SHDC": (1, 1200)},
        before=State(
            entry={
                "Name": "Carers' Breaks (illustrative)",
                "Lead Officer": "Lead Specialist, Wellbeing",
                "Area covered": "South Hams",
                "Purpose": "Respite for people who care for somebody at home",
                "Partners": "Two Rivers Community Trust",
            },
            risk=PEOPLE_AT_RISK,
            partner=TWO_RIVERS,
        ),
        after=State(partner=TWO_RIVERS_AFTER),
    ),
    Partnership(
        ref="R11",
        theme="Wellbeing",
        paid={"WDBC": (29000, 29000, 29000, 29000)},
        officers={"WDBC": (1, 1200)},
        before=State(
            entry={
                "Name": "Village Lunch Clubs (illustrative)",
                "Lead Officer": "Case Manager, Localities",
                "Area covered": "West Devon",
                "Purpose": "Hot meals and company, once a week",
                "Partners": "Two Rivers Community Trust",
            },
            risk=PEOPLE_AT_RISK,
            monitoring={"Specialist lead": "none"},
            partner=TWO_RIVERS,
        ),
        after=State(partner=TWO_RIVERS_AFTER),
    ),
    # Aid that the funding of the cycle carries near the ceiling, and a new agreement not drawn up as it should be.
    Partnership(
        ref="R12",
        theme="Economy",
        paid={"WDBC": (20000, 45000, 50000, 60000)},
        officers={"WDBC": (1, 1200)},
        before=State(
            entry={
                "Name": "Okehampton Enterprise Hub (illustrative)",
                "Lead Member": "Portfolio holder, Economy",
                "Lead Officer": "Lead Specialist, Economy",
                "Area covered": "West Devon",
                "Purpose": "Desks, workshops and advice for new firms",
                "Partners": "Okehampton Hub Trust",
                "Type of Partnership": "Community liaison",
            },
            monitoring={"Reviewed for streamlining": "no"},
            renewal={"Appendix 4 modification": "yes"},
            partner={"Charity number": "9900112", "Economic activity": "yes", "Aid declaration": "yes"},
        ),
        after=State(
            renewal={"Compliance confirmed": "no"},
            agreements=(
                {
                    **NEW_AGREEMENT,
                    "Outcomes relate to a theme": "no",
                    "Outcomes relate to Locality work": "no",
                    "Standard form": "no",
                },
            ),
        ),
    ),
    # Strategic, funded, and without terms of reference until renewal.
    Partnership(
        ref="R13",
        theme="Economy",
        paid={"SHDC": (5000, 5000, 5000, 5000), "WDBC": (5000, 5000, 5000, 5000)},
        officers={"SHDC": (0.5, 900), "WDBC": (0.5, 900)},
        before=State(
            entry={
                "Name": "LEP",
                "Lead Member": "Leader, South Hams",
                "Lead Officer": "Group Manager, Business Development",
                "Area covered": "Heart of the South West",
                "Purpose": "Growth strategy and bids for national funding",
                "Partners": "Local enterprise partnership board",
                "Agreement dates": "tbc",
                "Type of Partnership": "Strategic",
            },
            risk={"Political risk": "Significant", **IN_THE_PUBLIC_EYE},
            monitoring={
                "Represented by": "Officer",
                "Member sits on it": "yes",
                "Member appointed on": date(2015, 5, 14),
            },
            partner={"Company number": "99000113", "VCS body": "no"},
            agreements=({"Form": "Informal", **dict.fromkeys(list(AGREEMENT)[1:11])},),
        ),
        after=State(
            monitoring={"Represented by": "Leader of the council"},
            agreements=({"Form": "Terms of reference", **NEW_AGREEMENT},),
        ),
    ),
    # Registered Significant without being it, and looked after as if nobody had noticed.
    Partnership(
        ref="R14",
        theme="Environment",
        paid={"SHDC": (1500, 1500, 1500, 1500), "WDBC": (1500, 1500, 1500, 1500)},
        officers={"SHDC": (1, 1200), "WDBC": (1, 1200)},
        before=State(
            entry={
                "Name": "Devon Waste Group",
                "Lead Member": "Portfolio holder, Environment",
                "Lead Officer": "Lead Specialist, Waste",
                "Area covered": "Devon",
                "Purpose": "Joint work on collection, recycling and disposal",
                "Partners": "Devon districts and the county council",
                "Agreement dates": "rolling",
                "Type of Partnership": "Service improvement",
            },
            monitoring={
                "Represented by": "Councillor",
                "Annual report received": date(2015, 9, 30),
                "Reported to quarter ended": date(2016, 6, 30),
                "Annual review done": date(2015, 10, 1),
                "Value for money assessed": date(2015, 10, 1),
                "Reported to Overview and Scrutiny": "never",
                "Reviewed for streamlining": "no",
            },
            signs={"1 Defined service in return": None},
            partner={"VCS body": "no"},
            agreements=({"Form": "MoU", "End": "rolling", "States an end date": "no"},),
        ),
        after=State(
            entry={"Significant/Desirable": "Desirable"},
            monitoring={
                "Represented by": "Lead specialist",
                "Annual report received": date(2016, 11, 30),
                "Reported to quarter ended": date(2016, 12, 31),
                "Annual review done": date(2016, 12, 5),
                "Value for money assessed": date(2016, 12, 5),
                "Reviewed for streamlining": "yes",
            },
            signs={"1 Defined service in return": "no"},
            agreements=({"Form": "MoU", **NEW_AGREEMENT},),
        ),
    ),
    # An agreement put right: rolling, unsigned and with one council missing; then three years on the standard form.
    Partnership(
        ref="R15",
        theme="Heritage",
        kind="contract",
        paid={"SHDC": (None, 4000, 4000, 4000), "WDBC": (None, 3000, 3000, 3000)},
        before=State(
            entry={
                "Name": "Town Signs Upkeep (illustrative)",
                "Lead Member": "Portfolio holder, Heritage",
                "Lead Officer": "Specialist, Heritage",
                "Significant/Desirable": "Desirable",
                "Area covered": "South Hams and West Devon",
                "Purpose": "Cleans and repaints the old town signs",
                "Partners": "Sign Keepers",
                "Agreement dates": "rolling",
            },
            monitoring={"First entered": date(2015, 6, 1)},
            signs={
                **BOUGHT,
                "Kind of service": "painting",
                "Opened to competition": "yes",
                "First approach on": date(2015, 5, 5),
                "Awarded on": date(2015, 6, 1),
            },
            partner={"Charity number": "9900115"},
            agreements=(
                {
                    "Form": "Contract",
                    "Start": date(2015, 6, 1),
                    "End": "rolling",
                    "States an end date": "no",
                    "Signed": "no",
                    "Delivery outcomes": "no",
                    "Outcomes agreed on": "never",
                    "Outcomes confirmed at annual review on": "never",
                    "Parties": "WDBC",
                    "Legal input": "no",
                    "Power relied on": "Not stated",
                    "Value": 28000,
                },
            ),
        ),
        after=State(
            signs={"First approach on": date(2016, 12, 1), "Awarded on": date(2017, 3, 6)},
            agreements=(
                {"Form": "Contract", "Start": date(2015, 6, 1), "Signed": "no", "Value": 28000},
                {"Form": "Contract", **NEW_AGREEMENT, "Value": 21000},
            ),
        ),
    ),
)

NOTES = (
    "Notes to the partnership register",
    "This workbook is an illustration: the same register {moment} of the renewal for 2017/18.",
    "Every figure, date, rating, number and contact in it is invented, also for partnerships that the report names.",
    "Partnerships whose names end in (illustrative) are invented altogether.",
    "SHDC is South Hams District Council, WDBC is West Devon Borough Council. Days are officer days a month.",
)


@dataclass(frozen=True)
class Moment:
    """The register at one of its two moments."""

    after: bool

    def of(self, part: str, partnership: Partnership, ordinary: Cells, ordinary_after: Cells = NOTHING) -> Cells:
        """The cells of one part of a partnership: the ordinary ones, overlaid with what differs."""
        before: Cells = getattr(partnership.before, part)
        later: Cells = getattr(partnership.after, part)
        if not self.after:
            return {**ordinary, **before}
        return {**ordinary, **before, **ordinary_after, **later}

    def entry(self, partnership: Partnership) -> Cells:
        """The eleven columns."""
        cells = self.of("entry", partnership, ENTRY, NOTHING if partnership.keeps else ENTRY_AFTER)
        this_year = YEARS.index(CYCLE if self.after else "2016/17")
        sums = [f"{council} £{paid[this_year]:,} pa" for council, paid in partnership.paid.items() if paid[this_year]]
        contact = f"{partnership.ref.lower()}@example.org"
        return {
            "Ref": partnership.ref,
            "Financial arrangements": ", ".join(sums) or "nil",
            "Contact Details": contact,
            **cells,
        }

    def agreements(self, partnership: Partnership) -> list[Cells]:
        """Its agreements, old and new."""
        rows: Sequence[Cells] = partnership.before.agreements or ({},)
        if self.after and not partnership.keeps:
            rows = partnership.after.agreements or ({}, NEW_AGREEMENT)
        parties = ", ".join(council for council, paid in partnership.paid.items() if any(paid))
        return [{**AGREEMENT, "Parties": parties, **cells} for cells in rows]

    def contributions(self, partnership: Partnership) -> list[Cells]:
        """A row a council and year; both councils have one in every year, so that nil is said and not left open."""
        rows: list[Cells] = []
        for position, year in enumerate(YEARS):
            if year == CYCLE and self.after and not partnership.recorded:
                continue
            paid = {council: sums[position] for council, sums in partnership.paid.items()}
            if None in paid.values():
                continue
            for council in ("SHDC", "WDBC"):
                pounds = paid.get(council)
                days, cost = partnership.officers.get(council, (0, 0)) if pounds else (0, 0)
                rows.append(
                    {
                        "Council": council,
                        "Financial year": year,
                        "Direct funding": pounds or "nil",
                        "Officer days per month": days or "none",
                        "Officer cost": cost or "nil",
                        "Grant or contract": partnership.kind if pounds else None,
                        "Granted on": date(int(year[:4]), 4, 1) if pounds else None,
                    }
                )
        return rows

    def book(self) -> Workbook:
        """The whole workbook."""
        book = Workbook()
        notes = book.active
        assert isinstance(notes, Worksheet)
        notes.title = "Notes"
        moment = "ten days after the start" if self.after else "five months ahead"
        write_rows(notes, 1, [(line.format(moment=moment),) for line in NOTES])
        for theme in dict.fromkeys(partnership.theme for partnership in PARTNERSHIPS):
            self._write_theme(book, theme)
        one = [(partnership, partnership.before.entry["Name"]) for partnership in PARTNERSHIPS]
        sheets: dict[str, tuple[Sequence[str], list[tuple[Partnership, Cells]]]] = {
            "Contributions": (
                (*CONTRIBUTION_HEADINGS[2:], "Granted on"),
                [(partnership, cells) for partnership, _ in one for cells in self.contributions(partnership)],
            ),
            "Agreements": (
                (*AGREEMENT_HEADINGS[2:], "Value"),
                [(partnership, cells) for partnership, _ in one for cells in self.agreements(partnership)],
            ),
            "Risk": (RISK_HEADINGS[2:], [(p, self.of("risk", p, RISK)) for p, _ in one]),
            "Monitoring": (
                tuple(MONITORING),
                [(p, self.of("monitoring", p, MONITORING, MONITORING_AFTER)) for p, _ in one],
            ),
            "Grant or contract": (tuple(SIGNS), [(p, self.of("signs", p, SIGNS)) for p, _ in one]),
            "Partners": (
                ("Organisation", *PARTNER),
                [(p, {"Organisation": p.before.entry["Partners"], **self.of("partner", p, PARTNER)}) for p, _ in one],
            ),
            "Renewal": (tuple(RENEWAL), [(p, self.of("renewal", p, RENEWAL, RENEWAL_AFTER)) for p, _ in one]),
        }
        for title, (headings, rows) in sheets.items():
            written = [
                (p.ref, p.before.entry["Name"], *(cells.get(heading) for heading in headings)) for p, cells in rows
            ]
            write_sheet(book, title, ("Ref", "Name", *headings), written)
        return book

    def _write_theme(self, book: Workbook, theme: str) -> None:
        sheet = book.create_sheet(theme)
        sheet.cell(1, 1, f"Partnership register: {theme}").font = Font(bold=True, size=14)
        write_heading_row(sheet, 3, HEADINGS)
        entries = [self.entry(partnership) for partnership in PARTNERSHIPS if partnership.theme == theme]
        write_rows(sheet, 4, [[entry.get(heading) for heading in HEADINGS] for entry in entries])


BOOKS = {"renewal-before.xlsx": Moment(after=False), "renewal-after.xlsx": Moment(after=True)}


def made() -> dict[str, bytes]:
    """The bytes of each file by its name."""
    return {name: same_bytes(moment.book()) for name, moment in BOOKS.items()}


if __name__ == "__main__":
    for name, content in made().items():
        Path(__file__).with_name(name).write_bytes(content)
