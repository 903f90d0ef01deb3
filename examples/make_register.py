"""Makes ``register.xlsx``, an illustrative partnership register in the shape of the report of 4 August 2016.

Run it from the root of the project: ``uv run --no-sync python examples/make_register.py``. The same bytes come out
every time. What an audit of it must say stands beside it, in ``register.expected.yaml``: change both together.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

CellValue = str | int | float | date | None
Row = Sequence[CellValue]

MADE = datetime(2016, 8, 4, 9, tzinfo=UTC)
BLANK: Row = ()

HEADINGS = (
    "Ref",
    "Name",
    "Lead Member",
    "Lead Officer",
    "Significant/Desirable",
    "Area covered",
    "Purpose",
    "Partners",
    "Agreement dates",
    "Financial arrangements",
    "Type of Partnership",
    "Contact Details",
)


@dataclass(frozen=True)
class Tab:
    """One theme's sheet: title lines, a heading row (with its own spellings), and the rows below it."""

    theme: str
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    respelt: dict[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    """Headings of further columns on the right."""

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(self.respelt.get(heading, heading) for heading in HEADINGS) + self.added


# The cells of a row stand in the order of the headings; the stars only let a few of them share a line.
TABS = (
    Tab(
        theme="Communities",
        titles=("PARTNERSHIP REGISTER - OUR COMMUNITIES", "South Hams and West Devon. Illustrative figures: see Notes"),
        added=("Reviewed in 2016",),
        rows=(
            (
                *("P01", "South Hams CAB", "Portfolio holder, Communities", "Lead Specialist, Communities"),
                *("Significant", "South Hams", "Free, independent advice on debt, benefits and housing"),
                *("Citizens Advice in South Hams", "1 April 2014 – 31 March 2017", "SHDC £48,000 pa"),
                *("Community Delivery", "advice.south@example.org", "yes"),
            ),
            (
                *("P02", "West Devon CAB", "Portfolio holder, Communities", "Lead Specialist, Communities"),
                *("Significant", "West Devon", "Advice on debt, benefits and housing, with outreach in the villages"),
                *("Citizens Advice in West Devon", "SLA 2014-17", "WDBC £32,900 pa + officer time 1 day/month"),
                *("Community Delivery", "advice.west@example.org", "yes"),
            ),
            (
                *("P03", "South Hams CVS", "Portfolio holder, Communities", "Lead Specialist, Communities"),
                *("Desirable", "South Hams", "Support, training and a voice for voluntary groups"),
                *("Council for voluntary service, South Hams", "expires March 2017", "SHDC £10,000 pa"),
                *("Community delivery", "cvs.south@example.org", "yes"),
            ),
            (
                *("P04", "West Devon CVS", "Portfolio holder, Communities", "Specialist, Partnerships"),
                *("Sig", "West Devon", "Support and training for voluntary groups"),
                *("Council for voluntary service, West Devon", "rolling", "WDBC £7,500 p.a."),
                *("Community delivery", "cvs.west@example.org", "yes"),
            ),
            BLANK,
            (
                *("P05", "Tavistock Ring & Ride", "Portfolio holder, Communities", "Specialist, Partnerships"),
                *("Desirable", "West Devon (Tavistock and villages)", "Door-to-door transport"),
                *("Tavistock Ring & Ride committee", "01/04/16 to 31/03/19", "WDBC £5,710 pa"),
                *("Delivery", "ride@example.org", "no"),
            ),
            (
                *(None, "South Hams Town Mayors and Clerks", "Leader, South Hams", "Case Manager, Localities"),
                *("Desirable", "South Hams", "Regular exchange with the town councils"),
                *("Town councils in South Hams", "ongoing", "officer time only"),
                *("Community liaison", "clerks@example.org", "no"),
            ),
            (
                *("P06", "West Devon Northern Cluster", None, "Case Manager, Localities"),
                *("Desirable", "WD (northern parishes)", "Joint meetings of the northern parishes"),
                *("Parish councils north of Okehampton", "none", "nil"),
                *("Community liaison", "northern.cluster@example.org", "no"),
            ),
            (
                *("P07", "Kingsbridge and Okehampton Youth Network (illustrative)", "Portfolio holder, Communities"),
                *("Specialist, Partnerships", None, "both", "Evening sessions and mentoring for young people"),
                *("Youth Network trustees", "2014-17", "£5k each"),
                *("Community Delivery", "youth@example.org", "yes"),
            ),
            BLANK,
            (None, "TOTAL", *[None] * 7, 114110),
        ),
    ),
    Tab(
        theme="Environment",
        titles=("Partnership register: Environment",),
        respelt={"Financial arrangements": "Finacial arrangements", "Lead Member": "Lead Cllr"},
        rows=(
            (
                *("P18", "South Hams Tree Wardens", "Portfolio holder, Environment", "Specialist, Natural Environment"),
                *("Desirable", "South Hams", "Volunteers who look after and plant trees"),
                *("Tree wardens and parish councils", "tbc", "SHDC £500 pa"),
                *("Liaison", "trees@example.org"),
            ),
            (
                *("P19", "Devon Waste Group", "Portfolio holder, Environment", "Lead Specialist, Waste"),
                *("SIGNIFICANT", "Devon", "Joint work on collection, recycling and disposal"),
                *("Devon districts and the county council", "Rolling", "SHDC £1,500 pa, WDBC £1,500 pa"),
                *("Service Improvement", "waste@example.org"),
            ),
            (
                *("P20", "River Avon Flood Group (illustrative)", "Portfolio holder, Environment"),
                *("Specialist, Drainage", "Desirable", "South Hams", "Flood warnings and clearing of the river banks"),
                *("Riverside parishes and the drainage authority", "ongoing", "nil"),
                *("Community Liaison", None),
            ),
            (
                *(None, "Avon Valley Flood Wardens (illustrative)", "Portfolio holder, Environment"),
                *(None, None, "South Hams", None),
                *("Riverside parishes and the drainage authority", "ongoing", "officer time only"),
                *("Outside body", "wardens@example.org"),
            ),
        ),
    ),
    Tab(
        theme="Economy",
        titles=("Partnership register", "Economy", "Draft for Overview and Scrutiny, 4 August 2016"),
        respelt={"Agreement dates": "Agreement date(s)", "Lead Member": "Lead Cllr"},
        rows=(
            (
                *("P08", "LEP", "Leader, South Hams", "Group Manager, Business Development"),
                *("Significant", "Heart of the South West", "Growth strategy and bids for national funding"),
                *("Local enterprise partnership board", "rolling", "SHDC £5,000, WDBC £5,000"),
                *("Strategic", "lep@example.org"),
            ),
            (
                *("P09", "City Deal", "Leader, South Hams", None),
                *("Significant", "Plymouth and the peninsula", "Delivery of the deal agreed with government"),
                *("Peninsula councils and the naval dockyard", "from January 2014", "officer time only"),
                *("Strategic", "city.deal@example.org"),
            ),
            (
                *("P10", "Growth Deal", None, "Group Manager, Business Development"),
                *("Significant", "Heart of the South West", "Capital programme for roads, skills and work space"),
                *("Local enterprise partnership and county councils", "none", "Nil"),
                *("Strategic", "growth.deal@example.org"),
            ),
            (
                *("P11", "LAG / LEAF", "Portfolio holder, Economy", "Lead Specialist, Economy"),
                *("Desirable", "South Hams and West Devon", "Rural development grants to farms and small firms"),
                *("Local action group members", "1 January 2015 - 31 December 2020"),
                *("SHDC £3,000 pa, WDBC £3,000 pa + officer time 5 days/month", "Strategic", "leaf@example.org"),
            ),
            BLANK,
            (
                *("P12", "South Devon Business Forum (illustrative)", "Portfolio holder, Economy"),
                *("Lead Specialist, Economy", "Desirable", "South Hams and West Devon"),
                *("Business breakfasts and a helpline for new firms", "Chambers of trade", "annual", 6000),
                *("Service delivery", "forum@example.org"),
            ),
        ),
    ),
    Tab(
        theme="Resources",
        titles=("RESOURCES",),
        respelt={heading: heading.upper() for heading in HEADINGS},
        rows=(
            (
                *("P21", "Devon Audit and Procurement Forum (illustrative)", "Portfolio holder, Resources"),
                *("Lead Specialist, Finance", "D", "Devon", "Shared audit plans and joint tenders"),
                *("Devon districts' finance teams", "Apr 2016 (3 yrs)", "£9,200 pa"),
                *("Service improvement", "audit@example.org"),
            ),
            (
                *("P22", "Shared Payroll Bureau (illustrative)", "Portfolio holder, Resources"),
                *("Lead Specialist, Human Resources", "Desirable", "both", "Payroll for both councils"),
                *("Payroll bureau", "01.04.2015 - 31.03.2018", "see file note"),
                *("Service improvement", "payroll@example.org"),
            ),
        ),
    ),
    Tab(
        theme="Wellbeing",
        titles=("Partnership register - Wellbeing", "Illustrative figures"),
        respelt={"Contact Details": "Contact", "Type of Partnership": "Type"},
        rows=(
            (
                *("P13", "TAVISTOCK RING AND RIDE", "Portfolio holder, Wellbeing", "Lead Specialist, Wellbeing"),
                *("Desirable", "Tavistock", "Transport to surgeries and the hospital"),
                *("tbc", None, "tbc", "Community delivery", "ride@example.org"),
            ),
            (
                *("P14", "Moorland Carers' Support (illustrative)", "Portfolio holder, Wellbeing"),
                *("Lead Specialist, Wellbeing", "Desirable", "South Hams and West Devon"),
                *("Respite and advice for carers", "Moorland Carers", "1 October 2013 to 30 September 2016"),
                *("SHDC £4,000 pa; WDBC £5,500 pa", "Community delivery", "carers@example.org"),
            ),
            (
                *("P15", "South Hams Memory Cafés (illustrative)", "Portfolio holder, Wellbeing"),
                *("Specialist, Health and Wellbeing", "Desirable", "South Hams"),
                *("Cafés for people with dementia and their families", "Memory Cafés committee", "2013-16"),
                *("SHDC £24,000 over 3 years", "Community delivery", "cafes@example.org"),
            ),
            (
                *("P16", "Dartmoor Community Counselling (illustrative)", "Portfolio holder, Wellbeing"),
                *("Lead Specialist, Wellbeing", "Significant", "West Devon"),
                *("Counselling on referral from the housing team", "Dartmoor Counselling trustees"),
                *("1 April 2017 – 31 March 2020", "West Devon £15k pa", "Community delivery"),
                "counselling@example.org",
            ),
            (
                *("P17", "Okehampton Community Kitchen (illustrative)", "Portfolio holder, Wellbeing"),
                *("Specialist, Health and Wellbeing", "Desirable", "West Devon", "Cookery classes and shared meals"),
                *("Community Kitchen volunteers", "April 2017 - March 2018", "WDBC £2,500 per annum"),
                *("Community delivery", "kitchen@example.org"),
            ),
            BLANK,
            (None, "Total", *[None] * 7, 35000),
        ),
    ),
    Tab(
        theme="Infrastructure",
        titles=("Partnership register: Infrastructure",),
        rows=(
            (
                *("P26", "Devon Planning Officers Group", "Portfolio holder, Customer First"),
                *("Lead Specialist, Place Making", "Desirable", "Devon", "Common practice in planning"),
                *("Planning officers of the Devon councils", "ongoing", "officer time only"),
                *("Service Improvement", "planning.group@example.org"),
            ),
            (
                *("P27", "Rural Broadband Working Group (illustrative)", "Portfolio holder, Economy"),
                *("Lead Specialist, Place Making", "Significant", "South Hams and West Devon"),
                *("Broadband for the hamlets that the market leaves out", "Parishes and network operators", "2015-18"),
                *("nil", None, "broadband@example.org"),
            ),
        ),
    ),
    Tab(
        theme="Heritage",
        titles=("Partnership register", "Heritage"),
        added=("Our Plan theme",),
        rows=(
            (
                *("P24", "Dartmoor Archives Trust (illustrative)", "Portfolio holder, Heritage"),
                *("Specialist, Heritage", "Desirable", "West Devon", "Keeps and shows the parish archives"),
                *("Archives Trust", "01/11/13 - 02/11/16", "WDBC £2,000"),
                *("Community delivery", "archives@example.org", None),
            ),
            (
                *("P25", "Plym Valley Heritage Trail (illustrative)", "tbc", "Specialist, Heritage"),
                *("Significant", "South Hams", "Way-marked trail with guided walks for schools"),
                *("Trail volunteers and two landowners", "None", "SHDC £3,000 pa"),
                *("Community delivery", "trail@example.org", "Environment"),
            ),
            (
                *(None, "Churches and Chapels Forum (illustrative)", "Portfolio holder, Heritage"),
                *("Specialist, Heritage", "Desirable", "South Hams and West Devon"),
                *("New uses for old places of worship", "Diocese and chapel trustees"),
                *("01/04/2014 to 31/06/2016", "none", "Community liaison", "forum.churches@example.org", "Countryside"),
            ),
        ),
    ),
    Tab(
        theme="Homes",
        titles=("Partnership register: Homes", "Illustrative figures"),
        respelt={"Lead Officer": "Lead specialist"},
        rows=(
            BLANK,
            (
                *("P23", "Homelessness Prevention Partnership (illustrative)", "Portfolio holder, Homes"),
                *("Lead Specialist, Housing", "Significant", "South Hams and West Devon"),
                *("Advice and rent deposits for those about to lose their home", "Housing charities and landlords"),
                *("2015/16 - 2017/18", "SHDC £12,000 pa, WDBC £8,500 pa + officer time 2 days/month"),
                *("Community delivery", "homes@example.org"),
            ),
        ),
    ),
)

NOTES = (
    "Notes to the partnership register",
    "This workbook is an illustration. It has the shape of the register described in the report of 4 August 2016.",
    "Every figure, date, rating and contact detail in it is invented, also for partnerships that the report names.",
    "Partnerships whose names end in (illustrative) are invented altogether.",
    "SHDC is South Hams District Council, WDBC is West Devon Borough Council. Days are officer days a month.",
)

TOWN_MAYORS = "South Hams Town Mayors and Clerks"
CHURCHES = "Churches and Chapels Forum (illustrative)"

RISK_HEADINGS = (
    *("Ref", "Name", "Reputational risk", "Political risk", "Legal risk", "Operational risk"),
    *("High influence on spending", "High impact on services", "High impact on policy", "Role in local needs"),
    *("Saves considerable funds", "High public profile", "Statutory requirement", "Serves children or adults at risk"),
    *("Safeguarding policy", "Handles personal data", "Contracts out a function"),
)
# Four ratings; six factors; statute, at risk, safeguarding policy, personal data, contracts out. A dot is a blank.
RISK = {
    "P01": "High High Medium Medium          no yes no yes yes yes    no yes yes no no",
    "P02": "Medium High Medium Medium        no yes no yes yes no     no yes . yes no",
    "P04": "Low Low Medium Low               no no no yes no no       no yes no no no",
    "P05": "Low Low Low Medium               no no no yes no no       no yes . . no",
    TOWN_MAYORS: "Low Low Low Low            no no no yes no no       no no . no no",
    "P06": "Low Low Low Low                  no no no yes no no       no no . no no",
    "P07": "Medium Low Low Medium            no yes no yes yes no     no yes tbc yes .",
    "P08": "Significant High Medium Low      yes no yes no yes yes    no no . no no",
    "P09": "Medium Significant Low Low       yes no yes no yes yes    no no . no no",
    "P10": "Medium Medium . .                yes no yes no yes yes    tbc no . no no",
    "P12": "Low Low Low Low                  no no yes no yes no      no no . no no",
    "P14": "Low Low Medium Medium            no yes no yes no no      no yes yes yes no",
    "P15": "low low low medium               no no no yes no no       no yes yes no no",
    "P16": "Medium Medium Medium Medium      no yes no yes yes yes    no yes yes yes yes",
    "P17": "Low Low Low Low                  no no no yes no no       no no . no no",
    "P18": "Low Low Low Low                  no no no yes no no       no no . no no",
    "P19": "Low Low Medium Low               yes yes yes no no no     . no . no no",
    "P20": "Low Low Low Medium               no no no yes no no       no no . no no",
    "P21": "Low Low Medium Low               yes no no no yes no      no no . no no",
    "P22": "Low Low Low Medium               no yes no no yes no      no no . yes yes",
    "P23": "High Medium High Medium          no yes yes yes no yes    yes yes yes yes no",
    "P25": "High Low Low Low                 no no no yes no yes      no no . no no",
    CHURCHES: "Low Low Low Low               no no no no no no        no no . no no",
    "P26": "Low Low Medium Low               no yes yes tbc no no     no no . no no",
    "P27": "Medium Medium Medium Medium      no no yes no yes no      no no . no no",
}

CONTRIBUTION_HEADINGS = (
    *("Ref", "Name", "Council", "Financial year", "Direct funding", "Officer days per month", "Officer cost"),
    *("In kind", "Grant or contract"),
)
# Partnership, council, year, direct funding, officer days, officer cost, in kind, grant or contract.
CONTRIBUTIONS: tuple[Row, ...] = (
    ("P01", "SHDC", "2015/16", 50000, 1, 3600, None, "grant"),
    ("P01", "SHDC", "2016/17", 48000, 1, 3600, "£2,000", "grant"),
    ("P04", "WDBC", "2015/16", 11000, 1, 1200, None, "grant"),
    ("P04", "WDBC", "2016/17", 7500, 1, 1200, None, "grant"),
    ("P04", "SHDC", "2016/17", "nil", "none", None, None, None),
    ("P05", "West Devon", "2016/17", "£5,710", 0.5, 900, None, "grant"),
    ("P05", "South Hams", "2016/17", "nil", "none", None, None, None),
    (TOWN_MAYORS, "SHDC", "2016/17", None, 1, "£1,500", None, None),
    (TOWN_MAYORS, "WDBC", "2016/17", None, "none", None, None, None),
    ("P07", "SHDC", "2016/17", None, 0.5, 600, 1000, "grant"),
    ("P07", "WDBC", "2016/17", None, 0.5, 600, None, "grant"),
    ("P12", "SHDC", "2016/17", None, "none", None, None, None),
    ("P12", "WDBC", "2016/17", None, "none", None, None, None),
    ("P14", "SHDC", "2016/17", 4000, 0, None, None, "grant"),
    ("P14", "WDBC", "2016/17", 5500, 2, "3,750", None, "grant"),
    ("P15", "SHDC", "2016/17", None, 4, 960, None, "grant"),
    ("P16", "WDBC", "2016/17", "£15,000", 1, 2000, None, "grant"),
    ("P17", "WDBC", "2016/17", 2500, 0.5, 700, None, "grant"),
    ("P17", "SHDC", "2016/17", 0, 0, None, None, None),
    ("P18", "SHDC", "2016/17", 500, 0.5, 600, None, "grant"),
    ("P18", "WDBC", "2016/17", None, "none", None, None, None),
    ("P20", "SHDC", "2016/17", None, "none", None, None, None),
    ("P20", "WDBC", "2016/17", None, "none", None, None, None),
    ("P21", "SHDC", "2016/17", None, "none", None, None, None),
    ("P21", "WDBC", "2016/17", None, "none", None, None, None),
    ("P22", "SHDC", "2016/17", None, 1, 1000, None, "contract"),
    ("P22", "WDBC", "2016/17", None, 1, 1000, None, "contract"),
    ("P24", "WDBC", "2016/17", 2000, "none", None, None, "grant"),
    ("P24", "SHDC", "2016/17", "nil", "none", None, None, None),
    (CHURCHES, "SHDC", "2016/17", None, "none", None, None, None),
    (CHURCHES, "WDBC", "2016/17", None, "none", None, None, None),
    ("P26", "SHDC", "2016/17", None, 1, 1800, None, None),
    ("P26", "WDBC", "2016/17", None, 1, 1800, None, None),
    ("Harbour Lights Festival (illustrative)", "SHDC", "2016/17", 750, "none", None, None, "grant"),
)

AGREEMENT_HEADINGS = (
    *("Ref", "Name", "Form", "Start", "End", "States an end date", "Signed", "Delivery outcomes"),
    *("Outcomes agreed on", "Outcomes confirmed at annual review on", "Outcomes relate to a theme"),
    *("Outcomes relate to Locality work", "Parties", "Legal input", "Power relied on", "Standard form"),
    *("Clause: parties, power, nature", "Clause: purpose and outcomes", "Clause: term and review"),
    *("Clause: payment and VAT", "Clause: eligible use", "Clause: monitoring", "Clause: clawback and subsidy"),
    *("Clause: default and termination", "Clause: insurance", "Clause: safeguarding", "Clause: equality"),
    "Clause: data protection",
)
GENERAL = "Localism Act 2011 s.1"
# Partnership, form, start, end, end stated, signed, outcomes, agreed on, confirmed on, theme, Locality, parties,
# legal input, power, standard form and the twelve clauses in the order of the headings.
AGREEMENTS: tuple[Row, ...] = (
    (
        *("P01", "SLA", date(2011, 4, 1), date(2014, 3, 31), None, "yes", "yes", date(2011, 4, 1), None, None, None),
        *("SHDC", "no", GENERAL),
    ),
    (
        *("P01", "SLA", date(2014, 4, 1), date(2017, 3, 31), None, "yes", "yes", date(2014, 4, 1), date(2016, 2, 10)),
        *(None, None, "SHDC", "yes", GENERAL),
    ),
    (
        *("P02", None, None, None, None, "yes", "yes", "April 2014", "never", None, None),
        *("WDBC", "no", "Not stated"),
    ),
    ("P03", "Funding agreement", "1 April 2015", None, None, "yes", "no"),
    (
        *("P04", "SLA", date(2013, 4, 1), None, None, "yes", "yes", date(2015, 6, 1), None, None, None),
        *("WDBC", "yes", "General power"),
    ),
    (TOWN_MAYORS, "Informal"),
    (
        *("P07", "MoU", None, None, None, "no", "yes", "tbc", "31/02/2016", None, None),
        *("SHDC", "no", GENERAL),
    ),
    (
        *("P08", "Terms of reference", date(2014, 5, 1), None, "no", None, "yes", None, None, None, None),
        *("both councils", "yes", GENERAL),
    ),
    ("P09", "ToR", *[None] * 11, "Specific statute"),
    (
        *("P12", "SLA", date(2016, 4, 1), None, None, "yes", "yes", "April 2016", None, None, None),
        *("South Hams", "yes", GENERAL),
    ),
    (
        *("P14", "SLA", date(2013, 10, 1), date(2016, 9, 30), "yes", "yes", "yes", date(2013, 10, 1), None, None, None),
        *("SHDC and WDBC", "yes", GENERAL),
    ),
    (
        *("P15", "SLA", None, None, None, "yes", "yes", "1 April 2013", "never", None, None),
        *("SHDC", "yes", GENERAL),
    ),
    (
        *("P16", "Grant agreement", date(2017, 4, 1), date(2020, 3, 31), "yes", "no", "yes", date(2016, 6, 20), None),
        *("yes", "no", "WDBC", "yes", GENERAL, "yes"),
        *("yes", "yes", "yes", "yes", "yes", "yes", "no", "yes", "yes", "no", "yes", "yes"),
    ),
    (
        *("P17", "Grant agreement", None, None, None, "yes", "yes", "12/07/2016", None),
        *("no", "yes", "WDBC", "yes", GENERAL, "yes"),
        *("yes", "yes", "yes", "yes", "yes", "yes", "yes", "yes", "yes", None, "yes", None),
    ),
    (
        *("P21", "Memorandum of understanding", None, None, "yes", "yes", "yes", "2015/16", None, None, None),
        *("both", "yes", "Specific statute"),
    ),
    (
        *("P22", "Contract", date(2015, 4, 1), date(2018, 3, 31), None, "yes", "no", "never", "never", None, None),
        *("SHDC", "yes", "No power named"),
    ),
    (
        *("P23", "MOU", None, None, None, "yes", "yes", date(2015, 3, 31), date(2015, 4, 1), None, None),
        *("SHDC, WDBC", None, GENERAL),
    ),
    (
        *("P24", "Grant agreement", date(2013, 11, 1), date(2016, 11, 2), None, "yes", "yes", "1st Nov 2013", None),
        *(None, None, "WDBC", "no", GENERAL),
    ),
    ("P26", "ToR"),
    ("P27", "ToR", None, None, None, "yes", "no", None, None, None, None, "both", "no", GENERAL),
)

ANSWER_HEADINGS = ("Ref", "Fact", "Value", "Evidence", "Council", "Financial year")
ANSWERS: tuple[Row, ...] = (
    ("P05", "safeguarding policy adopted", "yes", "Partner's e-mail of June 2016"),
    ("P14", "Outcomes confirmed at annual review on", "5 March 2016", "Note of the annual review"),
    ("P15", "Officer days per month", "none", "Head of paid service, July 2016", "WDBC", "2016/17"),
    ("P19", "required by statute", "yes", "Legal services' note"),
    ("P23", "legal_input", "yes", "Legal services' file"),
)


def write_heading_row(sheet: Worksheet, row: int, headings: Sequence[str]) -> None:
    """Write the headings, bold on grey, and give each column a readable width."""
    for column, heading in enumerate(headings, start=1):
        cell = sheet.cell(row, column, heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9D9D9")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = 9 if heading.upper() == "REF" else 24


def write_rows(sheet: Worksheet, first: int, rows: Sequence[Row]) -> None:
    """Write rows downwards from row ``first``; a date is a real date cell."""
    for number, row in enumerate(rows, start=first):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"


def write_tab(book: Workbook, tab: Tab) -> None:
    """Write one theme: merged title lines, a blank row, the headings and the partnerships."""
    sheet = book.create_sheet(tab.theme)
    for number, title in enumerate(tab.titles, start=1):
        sheet.cell(number, 1, title).font = Font(bold=True, size=14)
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(HEADINGS))
    heading_row = len(tab.titles) + 2
    write_heading_row(sheet, heading_row, tab.headings)
    write_rows(sheet, heading_row + 1, tab.rows)


def keyed(row: Row) -> Row:
    """A row whose first value, a reference or else a name, is put under Ref or under Name."""
    key, *rest = row
    is_ref = isinstance(key, str) and key[0] == "P" and key[1:].isdigit()
    return (key, None, *rest) if is_ref else (None, key, *rest)


def write_sheet(book: Workbook, title: str, headings: Sequence[str], rows: Sequence[Row]) -> None:
    """Write one of the optional sheets, its headings in the first row."""
    sheet = book.create_sheet(title)
    write_heading_row(sheet, 1, headings)
    write_rows(sheet, 2, rows)


def make_book() -> Workbook:
    """The whole workbook."""
    book = Workbook()
    notes = book.active
    assert isinstance(notes, Worksheet)
    notes.title = "Notes"
    write_rows(notes, 1, [(line,) for line in NOTES])
    for tab in TABS:
        write_tab(book, tab)
    risk = [keyed((key, *(None if word == "." else word for word in words.split()))) for key, words in RISK.items()]
    write_sheet(book, "Risk", RISK_HEADINGS, risk)
    write_sheet(book, "Contributions", CONTRIBUTION_HEADINGS, [keyed(row) for row in CONTRIBUTIONS])
    write_sheet(book, "Agreements", AGREEMENT_HEADINGS, [keyed(row) for row in AGREEMENTS])
    write_sheet(book, "Answers", ANSWER_HEADINGS, ANSWERS)
    return book


def same_bytes(book: Workbook) -> bytes:
    """The workbook as a file that depends on its contents alone: saving would put the time of day into it."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    book.properties.created = book.properties.modified = MADE
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = tostring(book.properties.to_tree()) if name == "docProps/core.xml" else old.read(name)
            new.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("register.xlsx").write_bytes(same_bytes(make_book()))
