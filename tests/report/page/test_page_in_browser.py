"""The page in a real browser: accessible, filtered by its script and whole without it, silent towards the network."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from support.audits import EXAMPLE, audit_of
from support.pages import hostile_register, said, with_waived
from tipstaff.audit.decisions.audit import Audit
from tipstaff.policy.pack.model import Pack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = 1280, 320
PATIENCE = 30_000
"""How long a page may take, in milliseconds, on a machine that has much else to do."""


@dataclass(slots=True)
class Heard:
    """What a page asked of the network, said on the console, or popped up."""

    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("TIPSTAFF_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def audited(example: Audit) -> Audit:
    return with_waived(example)


@pytest.fixture(scope="module")
def files(audited: Audit, pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    hostile = audit_of(hostile_register(folder / "hostile.xlsx"), pack)
    renewal = audit_of(EXAMPLE.with_name("renewal-after.xlsx"), pack)
    made = {"example": audited, "renewal": renewal, "hostile": hostile}
    for name, audit in made.items():
        (folder / f"{name}.html").write_text(said(audit), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    """Opens a page; afterwards nothing may have been asked of the network, nor any error have come up."""
    contexts = []
    heard = Heard()

    def open_page(
        name: str = "example", *, width: int = DESKTOP, dark: bool = False, script: bool = True, at: str = ""
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        heard.listen(page)
        page.goto(f"{files[name].as_uri()}{at}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {url.partition("#")[0] for url in heard.requests} <= {path.as_uri() for path in files.values()}
    assert heard.said == []


def shown(page: Page) -> int:
    """How many outcomes a filter leaves."""
    return page.locator(".outcome:not([hidden])").count()


def test_the_five_totals_stand_on_it_and_none_is_nought(opened: Open, audited: Audit) -> None:
    page = opened()
    found = {
        one.get_attribute("data-total"): int(one.locator(".count").inner_text().replace(",", ""))
        for one in page.locator(".total").all()
    }
    assert found == {outcome.word: count for outcome, count in audited.totals().items()}
    assert all(found.values())


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [
        ("example", DESKTOP, False),
        ("example", PHONE, True),
        ("renewal", DESKTOP, False),
    ],
)
def test_axe_finds_nothing(opened: Open, name: str, width: int, dark: bool) -> None:
    page = opened(name, width=width, dark=dark)
    # Of what repeats itself the first few are enough: partnerships, rows and lines. Everything left stands open.
    page.evaluate(
        """() => {
            const cut = (parts, most) => [...parts].slice(most).forEach((one) => one.remove());
            cut(document.querySelectorAll('.partnership:not(:has(.waived))'), 2);
            document.querySelectorAll('.partnership').forEach((one) => cut(one.querySelectorAll('.group .outcome'), 2));
            document.querySelectorAll('tbody, .lines').forEach((one) => cut(one.children, 4));
            cut(document.querySelectorAll('#ledgers .sheet'), 2);
            document.querySelectorAll('details').forEach((one) => { one.open = true; });
        }"""
    )
    results = Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations", "passes"]})
    found = [
        (one["id"], [node["target"] for node in one["nodes"]][:3], one["nodes"][0]["failureSummary"])
        for one in results.response["violations"]
    ]
    assert found == []
    assert len(results.response["passes"]) > 30


@pytest.mark.parametrize("name", ["example", "renewal", "hostile"])
def test_a_narrow_page_does_not_scroll_sideways(opened: Open, name: str) -> None:
    page = opened(name, width=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_filters_narrow_the_outcomes_and_say_how_many_are_left(opened: Open, audited: Audit) -> None:
    page = opened()
    totals = {outcome.word: count for outcome, count in audited.totals().items()}
    reported = totals["finding"] + totals["undetermined"] + totals["waived"]
    assert shown(page) == reported
    page.get_by_label("Finding", exact=True).check()
    assert shown(page) == totals["finding"]
    expect(page.locator("#shown")).to_contain_text(f"Shown: {totals['finding']} findings, 0 not known and 0 waived")
    page.get_by_label("High", exact=True).check()
    high = page.locator(".outcome.finding.high").count()
    assert shown(page) == high > 0
    page.get_by_label("Theme", exact=True).select_option("Economy")
    economy = page.locator("[data-theme=Economy] .outcome.finding.high").count()
    assert 0 < shown(page) == economy < high
    assert page.locator(".partnership:visible").count() < audited.partnerships
    page.get_by_role("button", name="Clear").click()
    assert shown(page) == reported


@pytest.mark.parametrize(("label", "name"), [("Part of the policy", "module"), ("Lead officer", "officer")])
def test_each_choice_filters_by_what_it_names(opened: Open, label: str, name: str) -> None:
    page = opened()
    choice = page.locator(f"#{name} option").nth(2).get_attribute("value")
    page.get_by_label(label, exact=True).select_option(choice)
    whose = page.locator(f'[data-{name}="{(choice or "")[1:]}"]')
    assert 0 < shown(page) == (whose.count() if name == "module" else whose.locator(".outcome").count())


def test_search_finds_words_in_names_and_in_what_is_said(opened: Open) -> None:
    page = opened()
    page.get_by_label("Search").fill("citY Deal")
    expect(page.locator(".partnership:visible h3")).to_have_text(["City Deal"])
    holding = page.locator(".outcome", has_text="Agreements!G8").count()
    page.get_by_label("Search").fill("agreements!g8")
    expect(page.locator(".outcome:not([hidden])")).to_have_count(holding)
    assert holding > 0
    page.get_by_label("Search").fill("no such words")
    expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()
    expect(page.locator("#shown")).to_contain_text("0 findings, 0 not known and 0 waived, of 0 partnerships")


def test_the_address_keeps_the_filters(opened: Open) -> None:
    page = opened(at="#?outcome=finding&severity=high&theme=Communities")
    assert page.get_by_label("High", exact=True).is_checked()
    kept = shown(page)
    assert kept == page.locator("[data-theme=Communities] .outcome.finding.high").count() > 0
    page.get_by_label("High", exact=True).uncheck()
    assert "severity" not in page.url
    page.reload()
    assert shown(page) > kept


def test_open_all_and_close_all(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Open all").click()
    assert page.locator("#outcomes details:not([open])").count() == 0
    page.get_by_role("button", name="Close all").click()
    assert page.locator("#outcomes details[open]").count() == 0


def test_without_script_everything_is_there(opened: Open, audited: Audit) -> None:
    page = opened(script=False)
    totals = {outcome.word: count for outcome, count in audited.totals().items()}
    for word in ("finding", "undetermined", "waived"):
        assert page.locator(f".outcome.{word}").count() == totals[word]
    assert page.locator("#filters").is_hidden()
    first = page.locator(".outcome").first
    assert first.locator("table").is_hidden()
    first.locator("summary").click()
    assert first.get_by_text("What to do").is_visible()
    assert first.locator("table").is_visible()


def test_the_keyboard_reaches_the_audit_first_and_sees_where_it_is(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the audit")
    expect(skip).to_be_focused()
    assert skip.evaluate("element => element.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_on_paper_findings_stand_open_and_filters_are_gone(opened: Open, script: bool) -> None:
    page = opened(script=script)
    page.emulate_media(media="print")
    if script:
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#filters").is_hidden()
    assert page.locator(".outcome.finding .step").first.is_visible()
    if script:
        assert page.pdf(prefer_css_page_size=True, page_ranges="1-3").startswith(b"%PDF")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator(".outcome.finding[open]").count() == 0


def test_what_means_harm_does_none(opened: Open) -> None:
    page = opened("hostile")
    page.get_by_role("button", name="Open all").click()
    page.get_by_label("Search").fill("<script>")
    expect(page.locator(".partnership:visible")).to_have_count(1)
    page.get_by_label("Lead officer").select_option(index=2)
    assert page.evaluate("window.harmed") is None
    assert page.locator("img, iframe, object, link").count() == 0
    assert page.locator("script").count() == 1


def test_what_is_put_into_it_later_is_not_run(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(files["example"].as_uri())
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.harmed = 1';
            document.body.append(script);
            const image = document.createElement('img');
            image.src = 'https://example.org/x.png';
            document.body.append(image);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.harmed") is None
    assert len([one for one in refused if "Content Security Policy" in one]) == 2
    page.close()
