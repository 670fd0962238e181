// "412 letters left" under a long answer; the server checks the limit whatever happens here.
export function countLetters() {
  for (const field of document.querySelectorAll("textarea[data-left]")) {
    const line = document.getElementById(field.dataset.left);
    if (!line) continue;
    const limit = Number(line.dataset.limit);
    const show = () => {
      line.textContent = line.dataset.text.replace("{n}", String(limit - field.value.length));
      line.classList.toggle("latet", field.value.length > limit);
    };
    field.addEventListener("input", show);
    show();
  }
}
