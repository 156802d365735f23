// Keys for people who work here all day. Every key only follows a link, opens a <details>, or moves the focus: whatever
// it does can be done without it, and the pages are whole without this file.
(() => {
  "use strict";

  const byKey = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const rows = () => [...document.querySelectorAll(".row-link")];
  const isTyping = (target) => target.closest("input:not(.pick), textarea, select, [contenteditable]") !== null;

  function moveRow(step) {
    const links = rows();
    const here = document.activeElement;
    const now = links.indexOf(here.matches(".pick") ? here.closest("tr").querySelector(".row-link") : here);
    const next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + step, 0), links.length - 1)];
    next?.focus();
  }

  function openAction(summary) {
    const details = summary.parentElement;
    const fold = details.parentElement.closest("details.more");
    if (fold) fold.open = true;
    details.open = true;
    const field = details.querySelector("select, textarea, input:not([type=hidden])") ?? details.querySelector("form button");
    field.focus({ preventScroll: true }); // the bar of actions sticks to the window and is always in view
  }

  // Ticked rows: a click or x ticks one, with the shift key all since the last one; the bar says how many.
  let last = null;

  function picked(box, range) {
    const boxes = [...document.querySelectorAll(".pick")];
    if (range && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
      boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
    showPicked();
  }

  function pickRow() {
    if (!document.activeElement.closest("tr")) moveRow(1);
    const box = document.activeElement.closest("tr")?.querySelector(".pick");
    if (!box) return false;
    box.checked = !box.checked;
    picked(box, false);
    return true;
  }

  function showPicked() {
    const bar = document.getElementById("bulk");
    if (!bar) return;
    const boxes = [...document.querySelectorAll(".pick")];
    const many = boxes.filter((box) => box.checked).length;
    bar.querySelector("[data-picked]").textContent = many;
    bar.classList.toggle("bulk-ready", many > 0);
    bar.querySelector(".pick-all").hidden = false;
    bar.querySelector("[data-pick-all]").checked = many > 0 && many === boxes.length;
    const action = bar.querySelector("[data-act]").value;
    bar.querySelectorAll("[data-for]").forEach((label) => { label.hidden = !label.dataset.for.split(" ").includes(action); });
  }

  document.addEventListener("click", (event) => {
    if (event.target.matches?.(".pick")) picked(event.target, event.shiftKey);
    if (event.target.matches?.("[data-pick-all]")) {
      document.querySelectorAll(".pick").forEach((box) => { box.checked = event.target.checked; });
      showPicked();
    }
  });
  document.addEventListener("change", (event) => { if (event.target.matches?.("[data-act]")) showPicked(); });
  document.addEventListener("htmx:afterSettle", showPicked);
  showPicked();

  async function showKeys(link) {
    let dialog = document.querySelector("dialog.keys-dialog");
    if (!dialog) {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) { location.assign(link.href); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      dialog = document.createElement("dialog");
      dialog.className = "keys-dialog";
      dialog.setAttribute("aria-label", link.textContent);
      dialog.append(page.getElementById("keys"));
      document.body.append(dialog);
    }
    dialog.showModal();
  }

  // On a list, the key of an action opens the focused row's page with that action open.
  const ACTIONS = "eudracs";
  const opened = (link, key) => { const to = new URL(link.href); to.searchParams.set("press", key); return to; };

  function press(key) {
    if (key === "j" || key === "k") { moveRow(key === "j" ? 1 : -1); return true; }
    const target = byKey(key);
    if (target?.tagName === "SUMMARY") { openAction(target); return true; }
    if (key === "?" && target) { showKeys(target); return true; }
    if (target?.tagName === "INPUT") { target.focus(); target.select(); return true; }
    if (target) { target.click(); return true; }
    const row = document.activeElement;
    if (ACTIONS.includes(key) && row?.matches(".cases .row-link")) { location.assign(opened(row, key)); return true; }
    if (key === "x" && document.querySelector(".pick")) return pickRow();
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (event.ctrlKey) {
      if (event.key === "Enter" && event.target.form) { event.preventDefault(); event.target.form.requestSubmit(); }
      return;
    }
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (press(event.key)) event.preventDefault();
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
    addEventListener("pageshow", () => delete event.target.dataset.sent, { once: true });
  });

  // Browsers open few connections to one host: a page that nobody sees gives its live stream back.
  document.addEventListener("visibilitychange", () => {
    const live = document.getElementById("live");
    if (live && window.htmx) htmx.trigger(live, document.hidden ? "htmx:beforeCleanupElement" : "htmx:afterProcessNode");
  });

  addEventListener("pageshow", showPicked);
  document.querySelector("[data-focus]")?.focus();
  const pressed = byKey(new URLSearchParams(location.search).get("press") ?? "");
  if (pressed?.matches("summary")) openAction(pressed);
  const open = document.querySelector(".actions details[open]:not(.why, .more) > summary");
  if (open && !document.querySelector("[data-focus]")) openAction(open);
})();
