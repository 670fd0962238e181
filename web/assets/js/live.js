// The inbox asks for its list again now and then, but never while a person is in the middle of something.
import htmx from "htmx.org";

const busy = () =>
  document.hidden ||
  document.querySelector(".list .cb:checked") !== null ||
  document.querySelector("[data-live]").contains(document.activeElement);

export function liveList() {
  const list = document.querySelector("[data-live]");
  if (!list) return;
  window.setInterval(() => {
    if (!busy())
      htmx.ajax("GET", window.location.href, { target: list, select: "[data-live]", swap: "outerHTML" });
  }, 30000);
}
