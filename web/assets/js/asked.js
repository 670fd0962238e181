// Questions that depend on other answers come and go as the answers change; the server decides which.
// What is typed while it decides stays as it is: only questions are swapped, never answers.
const controls = (root) => root.querySelectorAll("input[id], select[id], textarea[id]");

function keepAnswers(before, after) {
  const known = new Map([...controls(before)].map((control) => [control.id, control]));
  for (const control of controls(after)) {
    const old = known.get(control.id);
    if (!old || old.type !== control.type) continue;
    if (control.type === "checkbox" || control.type === "radio") control.checked = old.checked;
    else control.value = old.value;
  }
}

function swap(asked, html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  keepAnswers(asked, next.content);
  const { id, selectionStart, selectionEnd } = document.activeElement || {};
  asked.replaceChildren(next.content);
  const focused = id && document.getElementById(id);
  if (!focused || document.activeElement === focused) return;
  focused.focus();
  if (typeof selectionStart === "number") focused.setSelectionRange(selectionStart, selectionEnd);
}

export function askAgain(drawn) {
  for (const asked of document.querySelectorAll("[data-fields]")) {
    let latest = 0;
    asked.addEventListener("change", async () => {
      const turn = ++latest;
      const body = new FormData(asked.closest("form"));
      try {
        const answer = await fetch(asked.dataset.fields, { method: "POST", body, credentials: "same-origin" });
        if (!answer.ok || turn !== latest) return;
        swap(asked, await answer.text());
        drawn();
      } catch {
        // without the server the questions stay as they are; it asks for what is missing when the form is sent
      }
    });
  }
}
