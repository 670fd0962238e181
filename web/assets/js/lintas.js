// Nothing here is needed to do the work: it moves focus, shortens ways and refreshes lists.
import htmx from "htmx.org";
import { askAgain } from "./asked.js";
import { countLetters } from "./counter.js";
import { dropFiles } from "./drop.js";
import { keys } from "./keys.js";
import { liveList } from "./live.js";

Object.assign(htmx.config, {
  includeIndicatorStyles: false, // the policy of the pages allows no style but the stylesheet
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0, // nothing of a case stays in the browser
});

const errors = document.querySelector("[data-errors]");
if (errors) errors.focus();

// One click sends a form once; the server would refuse the second, but the person should not have to read that.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  });
}
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

askAgain(countLetters);
countLetters();
dropFiles();
keys();
liveList();
