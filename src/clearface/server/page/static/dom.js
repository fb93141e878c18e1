// Small helpers to build elements. Text is always set as text, never as HTML.

/** The element of that id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element.
 * @param {string} tag
 * @param {object} [traits] `class`, `text`, `on` (event names to listeners), `data`; what else there is becomes an attribute,
 *   `true` an empty one, null and false none
 * @param {...(Node|string|null)} children
 */
export function element(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "data") Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** What a template of the page holds, anew. */
export const copied = (id) => byId(id).content.firstElementChild.cloneNode(true);

/** An icon drawn with strokes. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/**
 * Radio buttons that look like one switch.
 * @param {string} name
 * @param {[string, string][]} options values and words
 * @param {string} chosen
 * @param {(value: string) => void} [onChoose]
 */
export function segments(name, options, chosen, onChoose = () => {}) {
  const labels = options.map(([value, words]) => {
    const choose = () => onChoose(value);
    const radio = element("input", { type: "radio", name, value, checked: value === chosen, on: { change: choose } });
    return element("label", {}, radio, element("span", { text: words }));
  });
  return element("div", { class: "segments" }, ...labels);
}

let last = Promise.resolve();

/** Tells a screen reader, after what was said before. */
export function announce(sentence) {
  const place = byId("announcer");
  last = last.then(async () => {
    place.textContent = "";
    await new Promise((done) => setTimeout(done, 120));
    place.textContent = sentence;
    await new Promise((done) => setTimeout(done, 400));
  });
}

/** A short note at the edge of the window, also told to a screen reader. */
export function toast(sentence) {
  announce(sentence);
  const note = element("p", { class: "toast", text: sentence });
  byId("toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 6000);
}

/** Hands a file to the browser to be saved. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A promise that is kept after so many seconds. */
export const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
