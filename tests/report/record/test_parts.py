"""Parts of the record: figures of law that hold on many days are given as one range."""

import json
from collections import Counter

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.findings import list_findings
from tipstaff.policy.language.english import MOST_SEGMENTS
from tipstaff.report.record.audit import record


def test_many_figures_of_a_series_are_one_range(example: Audit) -> None:
    found = json.loads("".join(record(example)))["findings"]
    many = 0
    for finding, part in zip(list_findings(example), found, strict=True):
        listed = Counter(one["series"] for one in part["law"])
        for cited in finding.law:
            wanted = len(cited.segments) if len(cited.segments) <= MOST_SEGMENTS else 1
            if sum(other.series is cited.series for other in finding.law) == 1:
                assert listed[cited.series.id] == wanted, (part["rule"], part["ref"], cited.series.id)
                many += len(cited.segments) > MOST_SEGMENTS
    assert many
