"""Guidance: what an officer may write in a cell, in words and as a list to choose from."""

from tipstaff.facts.vocabulary import Fact, Kind, Vocabulary

_TEXTS = {
    "agreement dates": "dates, such as 1 April 2014 to 31 March 2017, or rolling, or none",
    "financial arrangements": "what each council gives, such as £12,000 pa + officer time 2 days/month, or nil",
}
_NONE_MEANS = {"no end": ', or "rolling" if there is no end', "never": ', or "never"'}


def allowed_answers(fact: Fact, vocabulary: Vocabulary) -> str:
    """Describe in words what a cell of a fact may hold."""
    match fact.kind:
        case Kind.YES_NO:
            return "yes or no"
        case Kind.CHOICE:
            return _either([choice.name for choice in fact.choices])
        case Kind.COUNCILS:
            return f"{_either([council.name for council in vocabulary.councils])}, or all of them, or none"
        case Kind.MONEY:
            return 'an amount in pounds, such as 12000, or "nil"'
        case Kind.NUMBER:
            return f'a number{f" of {fact.unit}" if fact.unit else ""}, such as 2, or "none"'
        case Kind.DATE:
            return f"a date, such as 1 April 2014{_NONE_MEANS.get(fact.none_means, '')}"
        case Kind.TEXT:
            return _TEXTS.get(fact.reads, "text")


def drop_down(fact: Fact, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The answers to choose from; empty if an answer is written freely."""
    match fact.kind:
        case Kind.YES_NO:
            return "yes", "no"
        case Kind.CHOICE:
            return tuple(choice.name for choice in fact.choices)
        case Kind.COUNCILS:
            names = [council.name for council in vocabulary.councils]
            return tuple(dict.fromkeys([*names, " and ".join(names), "none"]))
        case _:
            return ()


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def shown_as(fact: Fact) -> str:
    """The number format of a cell of a fact: texts stay as they are typed, amounts have pence, dates a written month.

    A number among financial arrangements stays a number, as that is read as an amount.
    """
    if fact.kind is Kind.TEXT:
        return "General" if fact.reads == "financial arrangements" else "@"
    return {Kind.MONEY: "#,##0.00", Kind.DATE: "d mmmm yyyy"}.get(fact.kind, "General")
