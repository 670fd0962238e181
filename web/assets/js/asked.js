// Questions that depend on other answers come and go as the answers change; the server decides which.
import htmx from "htmx.org";

export function askAgain() {
  for (const asked of document.querySelectorAll("[data-fields]")) {
    asked.addEventListener("change", () => {
      const values = Object.fromEntries([...new Set([...new FormData(asked.closest("form")).keys()])].map((name) => [name, new FormData(asked.closest("form")).getAll(name)]));
      const id = document.activeElement?.id;
      htmx.ajax("POST", asked.dataset.fields, { target: asked, swap: "innerHTML", values }).then(() => {
        if (id && document.activeElement?.id !== id) document.getElementById(id)?.focus();
      });
    });
  }
}
