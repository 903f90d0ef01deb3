"use strict";
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const partnerships = [...document.querySelectorAll(".partnership")];
  const outcomes = [...document.querySelectorAll(".outcome")];
  const status = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const search = document.getElementById("search");
  const selects = [...form.querySelectorAll("select")];
  const ticks = [...form.querySelectorAll("input[type=checkbox]")];
  const words = new Map();

  // Texts are read from the page when they are first searched, not before.
  const textOf = (element) => {
    if (!words.has(element)) words.set(element, element.textContent.toLowerCase());
    return words.get(element);
  };

  const ticked = (name) => ticks.filter((one) => one.name === name && one.checked).map((one) => one.value);
  const chosen = (name) => document.getElementById(name).value;
  const fits = (wanted, value) => wanted === "" || wanted === `=${value}`;

  const many = (count, one, several) => `${count.toLocaleString("en-GB")} ${count === 1 ? one : several}`;

  function filter() {
    const severities = ticked("severity");
    const kinds = ticked("outcome");
    const sought = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const counts = { finding: 0, undetermined: 0, waived: 0 };
    let standing = 0;
    for (const partnership of partnerships) {
      const own = fits(chosen("theme"), partnership.dataset.theme) && fits(chosen("officer"), partnership.dataset.officer);
      const heading = sought.length ? textOf(partnership.querySelector("h3")) + textOf(partnership.querySelector(".about")) : "";
      let left = 0;
      for (const outcome of partnership.querySelectorAll(".outcome")) {
        const { severity, outcome: kind, module } = outcome.dataset;
        const fit =
          own &&
          (!severities.length || severities.includes(severity)) &&
          (!kinds.length || kinds.includes(kind)) &&
          fits(chosen("module"), module) &&
          sought.every((word) => heading.includes(word) || textOf(outcome).includes(word));
        outcome.hidden = !fit;
        if (fit) {
          counts[kind] += 1;
          left += 1;
        }
      }
      for (const group of partnership.querySelectorAll(".group")) {
        const inside = group.querySelectorAll(".outcome:not([hidden])").length;
        group.hidden = !inside;
        group.querySelector(".tally").textContent = inside;
        if (sought.length || (kinds.length === 1 && kinds[0] === "undetermined")) group.open = true;
      }
      partnership.hidden = !left;
      standing += left ? 1 : 0;
    }
    nothing.hidden = standing > 0;
    status.textContent =
      `Shown: ${many(counts.finding, "finding", "findings")}, ${counts.undetermined.toLocaleString("en-GB")} not known and ` +
      `${counts.waived.toLocaleString("en-GB")} waived, of ${many(standing, "partnership", "partnerships")}`;
  }

  // The state of the filters stands in the address, so that a filtered page can be kept and sent.
  function toAddress() {
    const state = new URLSearchParams();
    for (const name of ["outcome", "severity"]) if (ticked(name).length) state.set(name, ticked(name).join(","));
    for (const select of selects) if (select.value) state.set(select.name, select.value.slice(1));
    if (search.value.trim()) state.set("search", search.value.trim());
    const said = state.toString();
    history.replaceState(null, "", said ? `#?${said}` : "#outcomes");
  }

  function fromAddress() {
    if (!location.hash.startsWith("#?")) return false;
    const state = new URLSearchParams(location.hash.slice(2));
    for (const tick of ticks) tick.checked = (state.get(tick.name) ?? "").split(",").includes(tick.value);
    for (const select of selects) {
      const value = state.has(select.name) ? `=${state.get(select.name)}` : "";
      select.value = [...select.options].some((one) => one.value === value) ? value : "";
    }
    search.value = state.get("search") ?? "";
    return true;
  }

  function changed() {
    toAddress();
    filter();
  }

  let waiting;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", changed);
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 150);
  });
  document.getElementById("clear").addEventListener("click", () => {
    form.reset();
    changed();
    search.focus();
  });
  for (const [id, open] of [["expand", true], ["collapse", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const one of document.querySelectorAll("#outcomes details")) one.open = open;
    });
  }
  window.addEventListener("hashchange", () => {
    if (fromAddress()) filter();
  });

  // On paper every finding that is shown stands open; the rest stays as it is.
  const opened = [];
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll(".outcome.finding, .outcome.waived")) {
      if (!one.open) opened.push(one);
      one.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened.splice(0)) one.open = false;
  });

  document.documentElement.classList.add("scripted");
  form.hidden = false;
  if (fromAddress()) document.getElementById("outcomes").scrollIntoView();
  filter();
})();
