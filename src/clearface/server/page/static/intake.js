// The ways photos come in: chosen, photographed, dropped, pasted, or the sample.

import { byId } from "./dom.js";

const SAMPLE = new URL("sample.jpg", import.meta.url);

export function listen(take) {
  for (const [buttons, input] of [
    [["choose", "add"], byId("files")],
    [["photograph", "photograph-more"], byId("camera")],
  ]) {
    for (const id of buttons) byId(id).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // So that the same photo may be chosen again.
      if (files.length) take(files);
    });
  }
  byId("sample").addEventListener("click", async () => {
    const response = await fetch(SAMPLE);
    if (response.ok) take([new File([await response.blob()], "sample.jpg", { type: "image/jpeg" })]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files.map((file, index) => named(file, index)));
  });
  listenForDrops(take);
}

/** Browsers call every pasted picture "image.png". */
function named(file, index) {
  if (file.name && file.name !== "image.png") return file;
  const now = new Date();
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, "0")).join("-");
  return new File([file], `pasted ${time}${index ? ` ${index + 1}` : ""}.png`, { type: file.type });
}

function listenForDrops(take) {
  const overlay = byId("overlay");
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (change) => {
    depth = Math.max(0, depth + change);
    overlay.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => hasFiles(event) && over(1));
  addEventListener("dragleave", (event) => hasFiles(event) && over(-1));
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(-depth);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
    const files = [...event.dataTransfer.files];
    const found = entries.some((entry) => entry?.isDirectory) ? await unfolded(entries) : files;
    if (found.length) take(found);
  });
}

/** All files of dropped folders. */
async function unfolded(entries) {
  const found = [];
  for (const entry of entries) {
    if (entry?.isFile) {
      found.push(await new Promise((done, fail) => entry.file(done, fail)));
    } else if (entry?.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, fail) => reader.readEntries(done, fail));
        if (!some.length) break;
        found.push(...(await unfolded(some)));
      }
    }
  }
  return found.filter((file) => !file.name.startsWith("."));
}
