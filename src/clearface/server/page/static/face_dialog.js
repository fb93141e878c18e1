// One face, large: before and after, what is known of it and what is guessed, and the numbers.

import { sameFace } from "./card.js";
import { Comparison } from "./comparison.js";
import { announce, byId, element, segments } from "./dom.js";
import { DOUBTFUL, certaintyWords, consistencyWords, ended, faceName, faceSize, percent, verdictWords } from "./words.js";

const MODES = {
  both: "Side by side",
  slider: "Slider",
  confidence: "Certainty",
};

const afterWords = (face) => {
  if (face.verdict === "left-on-request") return "Restored, but not used";
  return face.left_as_it_was ? "After: as it was" : "After";
};

export class FaceDialog {
  #dialog = byId("face-dialog");
  #card = null;
  #face = null;
  #mode = "both";
  #opener = null;
  #drawn = "";

  /** @param {(card: object, face: object, restored: boolean) => void} tick */
  constructor(tick) {
    this.tick = tick;
    byId("face-close").addEventListener("click", () => this.#dialog.close());
    byId("face-previous").addEventListener("click", () => this.#step(-1));
    byId("face-next").addEventListener("click", () => this.#step(1));
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      // The line between before and after, and switches, have these keys for themselves.
      const taken = event.target.matches("input:not([type=checkbox])");
      if (!by || taken || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#step(by);
    });
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  open(card, face) {
    this.#opener = document.activeElement;
    this.#card = card;
    this.#drawn = "";
    this.#dialog.showModal();
    this.#show(face);
    byId("face-title").focus();
  }

  /** Shows what has changed since. */
  refresh() {
    if (!this.#dialog.open) return;
    if (!this.#card.faces.length || this.#card.phase !== "done") {
      this.#dialog.close();
      return;
    }
    this.#show(this.#card.faces.find((face) => sameFace(face, this.#face)) ?? this.#card.faces[0]);
  }

  #closed() {
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#card = null;
  }

  #step(by) {
    const { faces } = this.#card;
    if (faces.length < 2) return;
    const index = faces.findIndex((face) => sameFace(face, this.#face));
    const next = faces[(index + by + faces.length) % faces.length];
    this.#show(next);
    announce(`${faceName(next, this.#card.frames)}: ${verdictWords(next)[0]}`);
  }

  #show(face) {
    this.#face = face;
    const { faces, frames, name } = this.#card;
    byId("face-title").textContent = faceName(face, frames);
    byId("face-title").title = name;
    for (const id of ["face-previous", "face-next"]) byId(id).hidden = faces.length < 2;
    const drawn = JSON.stringify([this.#card.id, this.#card.photo.revision, face]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#showPictures(face);
    this.#showFacts(face);
  }

  /** The ways this face can be looked at. */
  #modes(face) {
    if (!face.pictures) return face.frame === 1 ? ["both"] : [];
    if (!face.verdict || !face.pictures.after) return ["both"];
    return face.pictures.confidence ? ["both", "slider", "confidence"] : ["both", "slider"];
  }

  #showPictures(face) {
    const modes = this.#modes(face);
    const chosen = modes.includes(this.#mode) ? this.#mode : (modes[0] ?? null);
    const room = element("div", { class: "face-room" });
    const place = byId("face-pictures");
    const parts = [room];
    if (modes.length > 1) {
      const switched = segments("face-mode", modes.map((mode) => [mode, MODES[mode]]), chosen, (mode) => {
        this.#mode = mode;
        this.#fill(room, face, mode);
      });
      const legend = element("legend", { class: "visually-hidden", text: "How to look at it" });
      parts.unshift(element("fieldset", {}, legend, switched));
    }
    const held = place.querySelector("input:checked") === document.activeElement && document.activeElement !== null;
    place.replaceChildren(...parts);
    if (held) place.querySelector("input:checked")?.focus();
    if (chosen) this.#fill(room, face, chosen);
    if (face.pictures?.kernel) place.append(this.#kernel(face));
  }

  #kernel(face) {
    const words = face.blur?.words ?? "its blur";
    const alternative = `A point of the photo, spread by the blur: ${words}`;
    const image = element("img", { class: "kernel", alt: alternative, width: 348, height: 377, decoding: "async" });
    this.#load(image, face, "kernel");
    const caption = element(
      "figcaption",
      {},
      element("strong", { text: "The blur" }),
      " How a single point of light was spread. A sharp photo would show one bright square in the middle.",
    );
    return element("figure", { class: "kernel-figure" }, image, caption);
  }

  #fill(room, face, mode) {
    const name = faceName(face, this.#card.frames);
    room.dataset.mode = mode;
    if (mode === "slider") {
      const comparison = new Comparison(name);
      room.replaceChildren(comparison.element);
      Promise.all(["before", "after"].map((what) => this.#card.facePicture(face, what))).then(
        ([first, second]) => comparison.show(first, second),
        () => {},
      );
    } else if (mode === "confidence") {
      const alternative = `${name}: blue where it is known, red where it is guessed`;
      const legend = element(
        "div",
        { class: "scale" },
        element("span", { text: "guessed" }),
        element("span", { class: "scale-bar", "aria-hidden": "true" }),
        element("span", { text: "known" }),
      );
      const after = this.#figure(face, "after", `${name}, after`, afterWords(face));
      const confidence = this.#figure(face, "confidence", alternative, "Blue is known, red is guessed");
      room.replaceChildren(element("div", { class: "face-row" }, after, confidence), legend);
    } else {
      const figures = [this.#figure(face, "before", `${name}, before`, face.verdict ? "Before" : "As it is")];
      if (face.verdict && face.pictures?.after) {
        figures.push(this.#figure(face, "after", `${name}, after`, afterWords(face)));
      }
      room.replaceChildren(element("div", { class: "face-row" }, ...figures));
    }
  }

  #figure(face, what, alternative, caption) {
    const image = element("img", { alt: alternative, width: 320, height: 320, decoding: "async" });
    this.#load(image, face, what);
    return element("figure", {}, image, element("figcaption", { text: caption }));
  }

  #load(image, face, what) {
    this.#card.facePicture(face, what).then(
      (url) => {
        image.src = url;
      },
      () => {}, // The card says by itself that it is gone.
    );
  }

  #showFacts(face) {
    const card = this.#card;
    const [brief, why] = verdictWords(face);
    const facts = [this.#fact("Size", faceSize(face), "in the photo")];
    if (face.blur) {
      const { words, varies, certainty } = face.blur;
      const said = varies ? `${words}; not the same everywhere` : words;
      facts.push(this.#fact("Blur", said, `${percent(certainty)}: ${certaintyWords(certainty)}`));
    }
    if (face.explained !== undefined && face.explained !== null) {
      const bounds = { min: 0, max: 1, low: 0.7, high: 0.85, optimum: 1 };
      const meter = element("meter", { ...bounds, value: face.explained, "aria-label": "Consistency" });
      const how = `Blurred again, the result explains the photo ${consistencyWords(face.explained)}`;
      facts.push(this.#fact("Consistency", percent(face.explained), how, meter));
    }
    facts.push(this.#fact("Is it a face?", percent(face.score), `score of the detector${face.score < DOUBTFUL ? "; perhaps it is none" : ""}`));
    const parts = [];
    if (face.description) parts.push(element("p", { class: "face-description", text: ended(face.description) }));
    const left = String(Boolean(face.left_as_it_was));
    parts.push(element("p", { class: "face-big-verdict", data: { left }, text: brief }), element("p", { class: "face-why", text: why }));
    if (card.isFree(face)) {
      const box = element("input", { type: "checkbox", id: "face-tick", checked: !card.isLeft(face) });
      box.addEventListener("change", () => this.tick(card, face, box.checked));
      const label = element("label", { for: "face-tick", text: "Use the restored face" });
      parts.push(element("div", { class: "face-tick" }, box, label));
    }
    parts.push(element("dl", {}, ...facts));
    if (card.choices) parts.push(element("p", { class: "face-choices", text: `Made with: ${card.choices}` }));
    const place = byId("face-facts");
    const held = place.contains(document.activeElement);
    place.replaceChildren(...parts);
    if (held) (byId("face-tick") ?? byId("face-title")).focus();
  }

  #fact(name, value, note, gauge = null) {
    const said = element("span", { class: "fact-value", text: value });
    const explained = element("span", { class: "fact-note", text: note });
    return element("div", { class: "fact" }, element("dt", { text: name }), element("dd", {}, said, gauge, explained));
  }
}
