"""A rule's fingerprint changes with whatever the rule rests on, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from support.packs import edited
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack

CHANGES = {
    "its own severity": (("agreements", "severity: high", "severity: low"), {"AGR-01"}, {"AGR-02"}),
    "its own message": (
        ("classification", "is registered as Desirable, but", "is Desirable, but"),
        {"CLS-03"},
        {"CLS-01"},
    ),
    "a criterion below a conclusion": (
        ("classification", "greatest_annual_resource >= policy", "greatest_annual_resource > policy"),
        {"CLS-01", "CLS-03", "AGR-05"},
        {"REG-01"},
    ),
    "a conclusion below": (
        ("classification", "when: resource_threshold or staff_threshold", "when: staff_threshold"),
        {"CLS-01", "CLS-03", "AGR-05"},
        {"REG-01", "REG-04"},
    ),
    "a parameter": (("pack", 'value: "£10,000"', 'value: "£12,000"'), {"CLS-01", "CLS-03", "AGR-05"}, {"REG-01"}),
    "a parameter of a derived fact": (
        ("pack", 'value: "no", meaning: Whether support in kind', 'value: "yes", meaning: Whether support in kind'),
        {"CLS-01", "CLS-03"},
        {"REG-01", "MON-05"},
    ),
    "a derived fact": (
        ("facts", " + in_kind if policy.count_in_kind else direct_funding + officer_cost", " + in_kind"),
        {"CLS-01", "CLS-03", "AGR-05"},
        {"REG-01"},
    ),
    "the window of a ledger": (
        ("facts", "window: 3 financial years", "window: 2 financial years"),
        {"AID-01"},
        {"AGR-02"},
    ),
    "the title of a conclusion below": (
        ("classification", "title: Significant partnership", "title: A significant partnership"),
        {"CLS-01"},
        {"CLS-03"},
    ),
}


def changed(one: Pack, other: Pack) -> set[str]:
    return {rule for rule in one.rules if one.rules[rule].fingerprint != other.rules[rule].fingerprint}


@pytest.mark.parametrize("name", CHANGES)
def test_it_changes_with_what_the_rule_rests_on(pack: Pack, tmp_path: Path, name: str) -> None:
    edit, touched, untouched = CHANGES[name]
    found = changed(pack, load_pack(edited(tmp_path, edit)))
    assert touched <= found
    assert not untouched & found


def test_it_changes_with_the_law_below_a_conclusion(pack: Pack, tmp_path: Path) -> None:
    made = edited(tmp_path)
    shutil.copytree(bundled("uk_law"), tmp_path / "uk_law")
    path = tmp_path / "uk_law" / "subsidy.yaml"
    text = path.read_text(encoding="utf-8")
    assert "£315,000" in text
    path.write_text(text.replace("£315,000", "£315,001"), encoding="utf-8")
    found = changed(pack, load_pack(made))
    assert "AID-01" in found
    assert "REG-01" not in found


def test_it_does_not_change_with_the_order_of_modules_and_rules(pack: Pack, tmp_path: Path) -> None:
    made = edited(tmp_path, ("pack", "modules: [register, classification", "modules: [classification, register"))
    path = made / "types.yaml"
    head, rules = path.read_text(encoding="utf-8").split("\nrules:\n")
    entries = ["  TYP-" + entry.rstrip() + "\n" for entry in rules.split("  TYP-")[1:]]
    path.write_text("\n".join([head, "rules:", *entries[::-1]]), encoding="utf-8")
    other = load_pack(made)
    assert list(other.rules) != list(pack.rules)
    assert changed(pack, other) == set()
