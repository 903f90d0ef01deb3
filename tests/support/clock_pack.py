"""A small pack in which every way that the language has of asking about time stands once."""

from pathlib import Path

from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack

_PACK = """
id: clock
title: A policy of dates
version: "1"
source: none
councils: {a: {name: Aton Council}, b: {name: Beeton Council}}
themes: {Place: []}
classes: [spent_class]
named: [running]
modules: [dates]
law: uk_law
parameters:
  month: {type: period, value: 1 month, meaning: A month}
  fortnight: {type: period, value: 14 days, meaning: A fortnight}
  year: {type: period, value: 12 months, meaning: A year}
  plan_date: {type: date, value: 20 March 2016, meaning: The day of the plan}
  enough: {type: money, value: "£10,000", meaning: Enough}
  cycles: {type: texts, value: [2017/18], meaning: The cycles looked at}
"""

_FACTS = """
tables:
  partnerships:
    shape: register
    sheet: Register
    facts:
      ref: {type: text, label: reference, heading: Ref}
      name: {type: text, label: name, heading: Name}
      partners: {type: text, label: partners, heading: Partners}
      lead_officer: {type: text, label: lead officer, heading: Lead Officer}
      begun: {type: date, label: date begun, heading: Begun}
      reviewed: {type: date, label: date reviewed, heading: Reviewed, none_means: never}
      implied: {type: date, label: date implied, heading: Implied, else: year_start + policy.fortnight}
  contributions:
    shape: council and year
    sheet: Contributions
    facts:
      council: {type: text, label: council, heading: Council}
      year: {type: text, label: financial year, heading: Financial year}
      direct_funding: {type: money, label: direct funding, heading: Direct funding}
  agreements:
    shape: current row
    sheet: Agreements
    starts: agreement_start
    ends: agreement_end
    facts:
      agreement_start: {type: date, label: start of the agreement, heading: Start}
      agreement_end: {type: date, label: end of the agreement, heading: End, none_means: no end}
      signed: {type: yes/no, label: agreement signed, heading: Signed}
    derived:
      started_late: {type: yes/no, label: started late, is: agreement_start > year_start + policy.month}
  cycles:
    shape: row a cycle
    sheet: Cycles
    facts:
      cycle: {type: text, label: cycle, heading: Cycle}
      decided: {type: yes/no, label: renewal decided, heading: Decided}
derived:
  total: {type: money, label: direct funding, of: contributions, sum: direct_funding}
  looked_at: {type: date, label: last looked at, is: reviewed + policy.month, else: begun}
  either_day: {type: date, label: begun or reviewed, is: "between(begun, reviewed)"}
  chosen: {type: date, label: the day that counts, is: begun if signed else reviewed}
  spent: {type: money, label: paid so far, is: "over_term(total, begun, as_of)"}
  well_spent: {type: yes/no, label: much is paid, is: spent >= policy.enough}
"""

QUESTIONS = {
    "ended": "agreement_end < as_of",
    "ends_soon": "agreement_end <= as_of + policy.month",
    "running_now": "agreement_start <= as_of and agreement_end >= as_of",
    "reviewed_lately": "reviewed >= as_of - policy.year",
    "a_month_on": "begun + policy.month == as_of",
    "other_day": "reviewed != as_of - policy.fortnight",
    "this_year": "looked_at >= year_start - policy.month",
    "before_the_cycle_ends": "either_day < cycle_end",
    "near_the_end": "as_of + policy.month > year_end",
    "planned": "as_of > policy.plan_date",
    "chosen_day": "chosen + policy.fortnight >= as_of",
    "is_signed": "signed",
    "late": "started_late",
    "implied_day": "implied < as_of",
    "funded": "total > nil",
    "is_decided": "decided",
    "spent_enough": "well_spent",
    "half_spent": "2 * spent >= policy.enough",
    "of_a_cycle": "cycle in policy.cycles",
    "dear": "total >= law.services_threshold",
    "dear_once": "total >= law.services_threshold",
}
_LAW_AT = {"dear": "as_of", "dear_once": "between(begun, as_of)"}


def clock_pack(folder: Path) -> Pack:
    """The pack, written to a folder and loaded: one rule for every question, and one that is due on a day."""
    text = "title: Dates\ncriteria:\n"
    for name, test in QUESTIONS.items():
        law_at = f'\n    law_at: "{_LAW_AT[name]}"' if name in _LAW_AT else ""
        text += f'  {name}:\n    question: Is it {name}?\n    test: "{test}"{law_at}\n'
    text += "rules:\n"
    text += _concluding("CON-01", "running", "running_now") + _concluding("CON-02", "spent_class", "spent_enough")
    for number, name in enumerate(QUESTIONS, 1):
        text += _warning(f"QUE-{number:02}", f"warns: {name}")
    text += _warning("DUE-01", "requires: is_decided\n    due_on: cycle_start - policy.fortnight")
    text += _warning("DUE-02", "requires: is_signed\n    applies: running\n    due_on: looked_at + policy.fortnight")
    for name, content in (("pack", _PACK), ("facts", _FACTS), ("dates", text)):
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load_pack(folder)


def _concluding(rule: str, name: str, when: str) -> str:
    head = f"  {rule}:\n    title: Title of {rule}\n"
    return f"{head}    concludes: {name}\n    when: {when}\n    source: {{paragraph: none}}\n"


def _warning(rule: str, formula: str) -> str:
    return (
        f"  {rule}:\n    title: Title of {rule}\n    {formula}\n    severity: high\n    says: It is so.\n"
        "    consequence: None.\n    action: {do: Look., by: lead officer}\n    source: {paragraph: none}\n"
    )
