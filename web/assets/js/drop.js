// Files dropped on the drop zone join those already chosen, so a BPMN file and its forms can come one after another.
export function dropFiles() {
  for (const zone of document.querySelectorAll("[data-drop]")) {
    const input = zone.querySelector("input[type=file]");
    const list = zone.querySelector("[data-files]");
    const show = () => {
      list.replaceChildren(
        ...[...input.files].map((file) => {
          const tag = document.createElement("span");
          tag.className = "tag acc";
          tag.textContent = `${file.name} · ${Math.max(1, Math.round(file.size / 1024))} kB`;
          return tag;
        }),
      );
      list.hidden = input.files.length === 0;
    };
    let chosen = [];
    const join = (files) => {
      const names = new Set([...files].map((file) => file.name));
      const all = new DataTransfer();
      chosen = [...chosen.filter((file) => !names.has(file.name)), ...files];
      for (const file of chosen) all.items.add(file);
      input.files = all.files;
      show();
    };
    input.addEventListener("change", () => join([...input.files]));
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"])
      zone.addEventListener(name, () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      join([...event.dataTransfer.files]);
    });
  }
}
