// Single keys of the inbox and the task page. The letters are the same in both languages; a person can turn them off.
const typing = (element) =>
  element.isContentEditable ||
  element.closest("select, textarea, input:not([type=checkbox]):not([type=radio]):not([type=submit])");

const steps = () => [...document.querySelectorAll(".list .step")];

function move(by) {
  const all = steps();
  if (!all.length) return;
  const row = document.activeElement.closest?.("tr.r");
  const at = row ? all.indexOf(row.querySelector(".step")) : -1;
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].focus();
  all[next].closest("tr").scrollIntoView({ block: "nearest" });
}

const current = () => document.activeElement.closest?.("tr.r");

function select() {
  const box = current()?.querySelector(".cb");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function claim() {
  const chosen = document.querySelector(".list .cb:checked");
  const button = chosen
    ? document.querySelector("[data-key-bulk=a]")
    : current()?.querySelector("[data-key=a]") || document.querySelector("main [data-key=a]:not(tr *)");
  button?.click();
}

const press = (name) => document.querySelector(`[data-key="${name}"]`)?.click();

function back() {
  const chosen = [...document.querySelectorAll(".list .cb:checked")];
  if (chosen.length) {
    for (const box of chosen) box.checked = false;
    chosen[0].dispatchEvent(new Event("change", { bubbles: true }));
  } else press("Escape");
}

const actions = {
  j: () => (steps().length ? move(1) : press("j")),
  k: () => (steps().length ? move(-1) : press("k")),
  x: select,
  a: claim,
  n: () => press("n"),
  u: () => press("u"),
  "?": () => press("?"),
  "/": () => document.querySelector("[data-find]")?.focus(),
  Escape: back,
};

function selection() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const update = () => {
    const count = document.querySelectorAll(".list .cb:checked").length;
    bar.hidden = count === 0;
    const text = bar.querySelector("[role=status]");
    text.textContent = count ? text.dataset.text.replace("{n}", count) : "";
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches(".list .cb")) update();
  });
  bar.querySelector("[data-clear]")?.addEventListener("click", back);
  document.body.addEventListener("htmx:afterSwap", update);
  update();
}

export function keys() {
  selection();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest?.("form[data-send]") || document.querySelector("form[data-send]");
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
      return;
    }
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = actions[event.key];
    if (!action || !document.body.classList.contains("has-keys")) return;
    event.preventDefault();
    action();
  });
}
