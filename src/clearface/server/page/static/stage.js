// The place of a photo on its card: what was chosen, then before and after, with the faces marked.

import { overlap } from "./boxes.js";
import { Comparison } from "./comparison.js";
import { element } from "./dom.js";
import { faceName, verdictWords } from "./words.js";

const USUAL_RATIO = 1.5;
const LEAST_HEIGHT = 144;
const ENLARGED = 3; // Times, at most: beyond that there are only squares to see.
const COVERED = 0.3; // Of two boxes; where they share more, their numbers would hide each other.

export class Stage {
  #element;
  #fit;
  #preview;
  #unseen;
  #bar;
  #name;
  #comparison = null;
  #marks = element("div", { class: "marks" });
  #marked = true;
  #shown = null;

  /** name: of the photo. */
  constructor(place, name) {
    this.#element = place;
    this.#name = name;
    [this.#fit, this.#preview, this.#unseen, this.#bar] = [".fit", ".preview", ".unseen", "progress"].map((part) =>
      place.querySelector(part),
    );
    this.#preview.alt = `${name}, as it was chosen`;
    this.#bar.setAttribute("aria-label", `Progress of ${name}`);
    this.#room(USUAL_RATIO, null);
  }

  /** Shows what was chosen, and keeps room for what comes of it. */
  preview({ url, width, height }) {
    this.#room(width / height, { width, height });
    this.#preview.src = url;
    this.#preview.hidden = false;
    this.#unseen.hidden = true;
  }

  /** Says why there is nothing to see. */
  explain(sentence) {
    this.#unseen.querySelector("span").textContent = sentence;
  }

  /** How far it is, 0 to 1; null where nobody knows, undefined where nothing is being done. */
  progress(share) {
    this.#bar.hidden = share === undefined;
    if (share === null) this.#bar.removeAttribute("value");
    else if (share !== undefined) this.#bar.value = share;
  }

  /** Back to what was chosen. */
  clear() {
    this.#comparison?.element.remove();
    this.#comparison = null;
    this.#shown = null;
    const seen = this.#preview.hasAttribute("src");
    this.#preview.hidden = !seen;
    this.#unseen.hidden = seen;
  }

  /** Whether faces are marked, as far as there is a result. */
  set marked(is) {
    this.#marked = is;
    this.#marks.hidden = !is;
  }

  /** Gets ready for a result, once for each. */
  prepare(card, open) {
    const view = card.photo.view;
    const faces = card.faces.filter((face) => face.frame === 1);
    if (!this.#comparison) {
      this.#bound(view.width / view.height, view.width);
      this.#comparison = new Comparison(this.#name, [this.#marks]);
      this.#comparison.element.classList.toggle("still", !card.faces.some((face) => face.verdict));
      this.#comparison.element.hidden = true;
      this.#fit.append(this.#comparison.element);
      this.#marks.hidden = !this.#marked;
      this.#marks.replaceChildren(...faces.map((face) => mark(face, view, open)));
      arrange(faces, [...this.#marks.children]);
      // The line goes through the middle of the largest face, where there is something to see.
      const largest = faces.toSorted((one, other) => width(other) - width(one)).at(0);
      if (largest) this.#comparison.place = (50 * (largest.box[0] + largest.box[2])) / view.width;
    }
    for (const [index, face] of faces.entries()) {
      const verdict = verdictWords(face)[0].toLowerCase();
      this.#marks.children[index].setAttribute("aria-label", `${faceName(face, view.frames)}, ${verdict}: look closer`);
    }
  }

  /** Shows the pictures of a result; answers whether these are the ones shown in the end. */
  async show(card) {
    const { before, after } = card.photo.view;
    const comparison = this.#comparison;
    if (this.#shown === after) return true;
    this.#shown = after;
    const pictures = await Promise.all([card.picture(before), card.picture(after)]);
    if (this.#shown !== after || this.#comparison !== comparison) return false;
    await comparison.show(...pictures);
    if (this.#comparison !== comparison) return false;
    comparison.element.hidden = false;
    this.#preview.hidden = true;
    this.#unseen.hidden = true;
    return true;
  }

  set busy(is) {
    this.#element.classList.toggle("busy", is);
  }

  #room(ratio, size) {
    const tallest = size ? Math.max(ENLARGED * size.height, LEAST_HEIGHT) : 9999;
    this.#element.style.setProperty("--ratio", ratio);
    this.#element.style.setProperty("--tallest", `${tallest}px`);
    this.#bound(ratio, size?.width ?? 9999);
  }

  #bound(ratio, width) {
    this.#fit.style.setProperty("--fit-ratio", ratio);
    this.#fit.style.setProperty("--widest", `${ENLARGED * width}px`);
  }
}

const width = (face) => face.box[2] - face.box[0];

/** Smaller boxes lie above larger ones, and of two that lie almost alike the numbers stand at different corners. */
function arrange(faces, marks) {
  const bySize = faces.toSorted((one, other) => width(other) - width(one));
  for (const [index, face] of faces.entries()) {
    marks[index].style.zIndex = bySize.indexOf(face);
    const hidden = faces.slice(0, index).some((other) => overlap(other, face) > COVERED);
    marks[index].classList.toggle("mark-below", hidden);
  }
}

/** A button around a face. */
function mark(face, view, open) {
  const [left, top, right, bottom] = face.box;
  const made = element(
    "button",
    { type: "button", class: "mark", on: { click: () => open(face) } },
    element("span", { text: face.number }),
  );
  made.style.left = `${(50 * (left + right)) / view.width}%`;
  made.style.top = `${(50 * (top + bottom)) / view.height}%`;
  made.style.width = `${(100 * (right - left)) / view.width}%`;
  made.style.height = `${(100 * (bottom - top)) / view.height}%`;
  return made;
}
