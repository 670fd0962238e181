// The diagram island: reads the BPMN that the page names or carries, draws it, and marks what the page says.
// Everything it shows also stands in the table or list beside it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARK = {
  done: '<span class="mark" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="m3 8.500 3.500 3.500L13 4.500"/></svg></span>',
  cancelled:
    '<span class="mark x" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8"/></svg></span>',
};

async function source(box) {
  const carrier = box.dataset.source && document.getElementById(box.dataset.source);
  if (carrier) return carrier.value;
  const answer = await fetch(box.dataset.url, {
    headers: { Accept: "application/xml" },
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const bytes = await answer.arrayBuffer();
  // the server tells the encoding of the uploaded file; TextDecoder also drops a byte order mark
  const encoding = /charset=([\w-]+)/.exec(answer.headers.get("Content-Type") || "")?.[1] || "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstChild;
}

function markStates(viewer, states, words) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const [id, state] of Object.entries(states)) {
    const shape = registry.get(id);
    if (!shape) continue;
    canvas.addMarker(id, `is-${state}`);
    if (registry.get(`${id}_label`)) canvas.addMarker(`${id}_label`, `is-${state}`);
    const activity = shape.width >= 60;
    if (MARK[state] && activity)
      overlays.add(id, { position: { top: -10, right: 10 }, html: element(MARK[state]) });
    if (state === "now" && activity) {
      const here = document.createElement("span");
      here.className = "here";
      here.textContent = `▲ ${words.here}`;
      overlays.add(id, { position: { bottom: -4, left: shape.width / 2 }, html: here });
    }
  }
}

function choose(viewer, id, chosen) {
  const canvas = viewer.get("canvas");
  if (chosen.id) canvas.removeMarker(chosen.id, "is-chosen");
  chosen.id = id;
  canvas.addMarker(id, "is-chosen");
  canvas.scrollToElement(id, 120);
}

function pinProblems(viewer, problems) {
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  const canvas = viewer.get("canvas");
  const taken = new Map();
  const chosen = { id: null };
  for (const problem of problems) {
    const item = document.getElementById(`problem-${problem.n}`);
    const shape = registry.get(problem.element);
    if (!shape) continue;
    const nth = taken.get(problem.element) || 0;
    taken.set(problem.element, nth + 1);
    canvas.addMarker(problem.element, problem.must ? "is-must" : "is-should");
    const pin = document.createElement("button");
    pin.type = "button";
    pin.className = problem.must ? "pin" : "pin w";
    pin.textContent = problem.n;
    pin.setAttribute("aria-label", problem.label);
    pin.addEventListener("click", () => {
      document.querySelector(".probs .on")?.classList.remove("on");
      item?.classList.add("on");
      item?.scrollIntoView({ block: "nearest" });
      item?.querySelector("a")?.focus();
    });
    const middle = shape.waypoints && shape.waypoints[Math.floor(shape.waypoints.length / 2)];
    const edge = middle && {
      x: Math.min(...shape.waypoints.map((p) => p.x)),
      y: Math.min(...shape.waypoints.map((p) => p.y)),
    };
    const position = middle
      ? { left: middle.x - edge.x - 14 + nth * 24, top: middle.y - edge.y - 14 }
      : { left: -14 + nth * 24, top: -14 };
    overlays.add(problem.element, { position, html: pin });
    item?.querySelector("a")?.addEventListener("click", (event) => {
      event.preventDefault();
      document.querySelector(".probs .on")?.classList.remove("on");
      item.classList.add("on");
      choose(viewer, problem.element, chosen);
    });
  }
}

function fit(viewer, box, states) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  const now = Object.keys(states).find((id) => states[id] === "now" && viewer.get("elementRegistry").get(id));
  // text must stay legible: rather show a part, centred on where the case is
  const least = box.closest(".mini") ? 0.6 : 0.7;
  if (canvas.zoom() < least) {
    canvas.zoom(least);
    const shape = now && viewer.get("elementRegistry").get(now);
    const view = canvas.viewbox();
    const inner = view.inner;
    const x = shape ? shape.x + shape.width / 2 - view.width / 2 : inner.x - 16;
    const y = shape ? shape.y + shape.height / 2 - view.height / 2 : inner.y - 16;
    const clamp = (value, low, length, room) =>
      length <= room
        ? low - (room - length) / 2
        : Math.min(Math.max(value, low - 16), low + length + 16 - room);
    canvas.viewbox({
      ...view,
      x: clamp(x, inner.x, inner.width, view.width),
      y: clamp(y, inner.y, inner.height, view.height),
    });
  }
}

// the viewer names the buttons that open a collapsed sub-process in English, and only by a tooltip
function nameDrilldowns(box) {
  for (const button of box.querySelectorAll(".bjs-drilldown")) {
    const name = `${box.dataset.open} ${button.title.replace(/^Open /, "")}`;
    button.title = name;
    button.setAttribute("aria-label", name);
  }
}

async function draw(box) {
  const data = JSON.parse(box.dataset.marks || "{}");
  const states = data.states || {};
  const viewer = new NavigatedViewer({
    container: box,
    zoomScroll: { enabled: false }, // the wheel belongs to the page
    bpmnRenderer: {
      defaultFillColor: "var(--d-fill)",
      defaultStrokeColor: "var(--d-stroke)",
      defaultLabelColor: "var(--d-text)",
    },
    textRenderer: {
      defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13, fontWeight: 500 },
      externalStyle: { fontSize: 11 }, // as modellers draw them: their boxes are measured for it
    },
  });
  try {
    // labels are broken by their measured width: the face must be there first
    await document.fonts.load('500 13px "Source Sans 3 Variable"');
    await viewer.importXML(await source(box));
    markStates(viewer, states, data.words || {});
    pinProblems(viewer, data.problems || []);
    fit(viewer, box, states);
    nameDrilldowns(box);
    const maker = box.querySelector(".bjs-powered-by");
    maker?.setAttribute("aria-label", maker.title);
    maker?.setAttribute("rel", "noopener");
    box.parentElement.querySelector(".wait")?.remove();
    for (const button of box.parentElement.querySelectorAll(".dia:not(.mini) > .tools [data-zoom]")) {
      button.closest(".tools").hidden = false;
      button.addEventListener("click", () => {
        const canvas = viewer.get("canvas");
        if (button.dataset.zoom === "fit") fit(viewer, box, {});
        else canvas.zoom(canvas.zoom() * (button.dataset.zoom === "in" ? 1.25 : 0.8));
      });
    }
  } catch {
    // a file without a drawing, or no file at all: the words say so and the table stands
    viewer.destroy();
    const wait = box.parentElement.querySelector(".wait");
    if (wait) wait.textContent = box.dataset.failed;
    box.hidden = true;
  }
  box.dataset.ready = "1";
}

for (const box of document.querySelectorAll("[data-diagram]")) draw(box);
