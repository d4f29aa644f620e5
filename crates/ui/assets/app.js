// What pages do beyond HTML: live lists, copying, a shortcut. Everything works without it.
"use strict";

(() => {
  const PAUSE_MS = 300;
  const MINUTE_MS = 60_000;
  const LOOK_MS = 1_500;
  const heard = new Set();
  let timer = 0;

  const part = () => document.querySelector("[data-live]");
  const tell = (text) => { document.getElementById("told").textContent = text; };

  // The server names what changed; the page reads itself again, once for many hints.
  document.addEventListener("htmx:sse:before:message", (event) => {
    event.preventDefault();
    for (const id of event.detail.message.data.split(/\s+/)) if (id) heard.add(id);
    clearTimeout(timer);
    timer = setTimeout(reread, PAUSE_MS);
  });

  // Countdowns move by the minute.
  setInterval(() => { if (!document.hidden) reread(); }, MINUTE_MS);

  function reread() {
    const live = part();
    if (!live) return;
    const mine = live.dataset.liveId;
    const concerns = !mine || heard.size === 0 || heard.has(mine);
    heard.clear();
    if (!concerns) return;
    const here = "#" + live.id;
    htmx.ajax("GET", location.pathname + location.search, {
      source: live, target: here, select: here, swap: "outerMorph",
    });
  }

  // A row never jumps under the pointer: known rows are renewed where they stand, those that left
  // stay crossed out, new ones wait behind a line that counts them.
  document.addEventListener("htmx:before:swap", (event) => {
    const live = part();
    const task = event.detail.tasks.find((each) => each.fragment?.querySelector?.("#list"));
    const shown = live?.querySelector("#rows > tbody");
    const fresh = task?.fragment.querySelector("#rows > tbody");
    if (!shown || !fresh) return;
    const now = new Map([...fresh.rows].map((row) => [row.id, row]));
    const kept = [...shown.rows].map((old) => {
      const row = now.get(old.id);
      now.delete(old.id);
      if (!row) {
        const left = old.cloneNode(true);
        left.classList.add("gone");
        return left;
      }
      if (words(row) !== words(old)) row.classList.add("changed");
      return row;
    });
    fresh.replaceChildren(...kept);
    waiting(task.fragment.querySelector("#wait"), now.size);
  });

  const words = (row) =>
    [...row.children].filter((cell) => !cell.classList.contains("c-due"))
      .map((cell) => cell.textContent).join("|");

  function waiting(bar, count) {
    if (!bar || count === 0) return;
    const text = count === 1 ? bar.dataset.one : bar.dataset.many.replace("#", String(count));
    bar.hidden = false;
    bar.querySelector("span").textContent = text;
    if (document.querySelector("#wait span")?.textContent !== text) tell(text);
  }

  // What is under way is looked at until it has ended.
  let looking = 0;
  function follow() {
    clearTimeout(looking);
    if (part()?.dataset.pending === undefined) return;
    looking = setTimeout(() => { if (document.hidden) follow(); else reread(); }, LOOK_MS);
  }

  // Orders that were chosen stay chosen over the pages of their list; each knows what it allows.
  const bulk = () => document.getElementById("bulk");
  const store = () => "picked " + bulk().dataset.list;
  const picked = () => new Map(JSON.parse(sessionStorage.getItem(store()) ?? "[]"));
  const boxes = () => document.querySelectorAll("#rows tbody .c-pick input");

  function choose(change) {
    const now = picked();
    change(now);
    sessionStorage.setItem(store(), JSON.stringify([...now]));
    showChosen();
  }

  function showChosen() {
    if (!bulk()) return;
    const now = picked();
    for (const box of boxes()) {
      box.checked = now.has(box.value);
      if (box.checked) now.set(box.value, box.dataset.can);
    }
    const page = document.getElementById("pick-page");
    if (page) {
      page.hidden = false;
      const all = [...boxes()];
      page.checked = all.length > 0 && all.every((box) => box.checked);
      page.indeterminate = !page.checked && all.some((box) => box.checked);
    }
    const every = document.getElementById("pick-every").checked;
    bulk().toggleAttribute("data-picked", now.size > 0);
    document.getElementById("pick-none").hidden = now.size === 0;
    const said = document.getElementById("picked");
    if (now.size > 0) said.textContent = said.dataset.many.replace("#", now.size);
    for (const button of bulk().querySelectorAll("[data-command]")) {
      const able = [...now.values()].filter((can) => can.split(" ").includes(button.dataset.command));
      const of = button.querySelector(".of");
      of.hidden = every || now.size === 0;
      of.textContent = able.length === now.size ? able.length : able.length + "/" + now.size;
    }
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.id === "pick-page") {
      choose((now) => {
        for (const each of boxes()) {
          if (box.checked) now.set(each.value, each.dataset.can);
          else now.delete(each.value);
        }
      });
    } else if (box.id === "pick-every") {
      showChosen();
    } else if (box.closest(".row .c-pick")) {
      choose((now) => {
        if (box.checked) now.set(box.value, box.dataset.can);
        else now.delete(box.value);
      });
    }
    demand(box.closest("form:not(.bulk)"));
  });

  // What the chosen reason needs must be filled in; what others need is not sent.
  function demand(form) {
    for (const reason of form?.querySelectorAll(".reason") ?? []) {
      const chosen = reason.querySelector(":scope > input").checked;
      for (const field of reason.querySelectorAll(".asks input")) field.disabled = !chosen;
    }
    for (const field of form?.querySelectorAll("[data-required]") ?? []) field.required = true;
  }

  document.addEventListener("submit", (event) => {
    if (event.target !== bulk()) return;
    const here = new Set([...boxes()].map((box) => box.value));
    for (const id of picked().keys()) {
      if (here.has(id)) continue;
      const hidden = document.createElement("input");
      Object.assign(hidden, { type: "hidden", name: "order", value: id });
      bulk().append(hidden);
    }
    sessionStorage.removeItem(store());
  });

  function ready(root) {
    follow();
    showChosen();
    for (const form of root.querySelectorAll(".commands form")) demand(form);
    if (navigator.clipboard) {
      for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      tell(document.getElementById("told").dataset.copied + ": " + button.dataset.copy);
    }
    if (event.target.closest("#pick-none")) choose((now) => now.clear());
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    const find = event.key === "/" && !typing;
    if (find || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      document.getElementById("q")?.select();
    }
    if (event.key === "Escape") {
      const menu = event.target.closest("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });

  // On a narrow screen the current tab comes into sight.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const strip = tab.closest(".tabs");
    strip.scrollLeft = tab.offsetLeft - strip.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
  }

  document.addEventListener("htmx:after:swap", () => ready(document));
  ready(document);
})();
