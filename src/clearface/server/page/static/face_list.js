// The faces of a photo, each with its picture, what became of it, and a tick.

import { copied, element } from "./dom.js";
import { DOUBTFUL, count, ended, faceName, faceSize, verdictWords } from "./words.js";

export class FaceList {
  #place;
  #tiles = [];

  constructor(place) {
    this.#place = place;
  }

  set hidden(is) {
    this.#place.hidden = is;
  }

  clear() {
    this.#tiles = [];
    this.#place.replaceChildren();
  }

  /** Makes the list, once for each result. */
  show(card, sight) {
    this.hidden = false;
    if (!this.#tiles.length) this.#fill(card);
    this.refresh(card);
    for (const tile of this.#tiles) sight.once(tile.element, () => tile.load(card));
  }

  /** What became of each face may have changed. */
  refresh(card) {
    for (const [index, face] of card.faces.entries()) this.#tiles[index]?.tell(card, face);
  }

  /** Says of a face that it is being worked on. */
  busy(card, face, is) {
    const index = card.faces.findIndex((each) => each.frame === face.frame && each.number === face.number);
    this.#tiles[index]?.element.setAttribute("aria-busy", String(is));
  }

  #fill(card) {
    const { faces, frames } = card;
    this.#tiles = faces.map((face) => new Tile(card, face));
    const items = [];
    if (frames > 1) items.push(note(`It has ${count(frames, "frame")}. The first is shown above.`));
    for (const [index, face] of faces.entries()) {
      if (frames > 1 && face.frame !== faces[index - 1]?.frame) {
        items.push(element("li", { class: "frame-name", text: `Frame ${face.frame}` }));
      }
      items.push(this.#tiles[index].element);
    }
    for (const sentence of card.report.notes ?? []) items.push(note(ended(sentence)));
    this.#place.replaceChildren(...items);
  }
}

const note = (sentence) => element("li", { class: "note", text: sentence });

class Tile {
  #face;
  #parts;

  constructor(card, face) {
    const name = faceName(face, card.frames);
    this.#face = face;
    this.element = copied("face-template");
    const part = (selector) => this.element.querySelector(selector);
    const look = part(".face-look");
    look.setAttribute("aria-label", `${name}: look closer`);
    look.addEventListener("click", () => card.actions.open(card, this.#face));
    part(".face-name").textContent = faceName(face, 1);
    const together = card.faces.filter((each) => each.frame === face.frame).length;
    if (together > 1) part(".face-of").textContent = `of ${together}`;
    const blurred = face.blur && face.blur.kind !== "none" && face.verdict !== "sharp";
    const doubt = face.score < DOUBTFUL ? "; perhaps no face" : "";
    part(".face-line").textContent = (blurred ? face.blur.words : faceSize(face)) + doubt;
    const box = part("input");
    box.id = `${card.id}-${face.frame}-${face.number}`;
    box.addEventListener("change", () => card.actions.tick(card, this.#face, box.checked));
    part("label").htmlFor = box.id;
    part(".visually-hidden").textContent = ` face: ${name} of ${card.name}`;
    this.#parts = { box, picture: part("img"), verdict: part(".face-verdict"), tick: part(".face-tick") };
  }

  tell(card, face) {
    this.#face = face;
    const { box, verdict, tick } = this.#parts;
    verdict.textContent = verdictWords(face)[0];
    this.element.dataset.verdict = face.left_as_it_was || !face.verdict ? "left" : "restored";
    box.checked = !card.isLeft(face);
    tick.hidden = !card.isFree(face);
  }

  load(card) {
    card.facePicture(this.#face, card.isLeft(this.#face) ? "before" : "after").then(
      (url) => {
        this.#parts.picture.src = url;
      },
      () => {}, // The card says by itself that it is gone.
    );
  }
}
