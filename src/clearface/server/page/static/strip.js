// A row of small pictures, to jump from photo to photo where there are many.

import { element, icon } from "./dom.js";

const MANY = 4;

const STATES = {
  done: ["M5 12.5l4.5 4.5L19 7.500", "ready"],
  failed: ["M12 5v9m0 4v.5", "not done"],
  refused: ["M12 5v9m0 4v.5", "not done"],
  gone: ["M12 5v9m0 4v.5", "no longer on the server"],
};

const BUSY = ["M6 12h.5M12 12h.5M18 12h.5", "in work"];

export class Strip {
  #place;
  #made = new Map();

  /** @param {HTMLElement} place a toolbar: Tab comes to it once, and the arrow keys go from photo to photo */
  constructor(place) {
    this.#place = place;
    place.addEventListener("keydown", (event) => this.#move(event));
    place.addEventListener("focusin", (event) => this.#hold(event.target));
  }

  /** @param {import("./card.js").Card[]} cards */
  show(cards) {
    const many = cards.length >= MANY;
    this.#place.hidden = !many;
    document.documentElement.dataset.many = many ? "yes" : "no";
    for (const card of this.#made.keys()) if (!many || !cards.includes(card)) this.#made.delete(card);
    if (!many) return;
    const buttons = cards.map((card, index) => {
      if (!this.#made.has(card)) this.#made.set(card, this.#make(card));
      const button = this.#made.get(card);
      this.#tell(button, card, `${index + 1} of ${cards.length}: ${card.name}`);
      return button;
    });
    const same = buttons.length === this.#place.children.length && buttons.every((each, index) => each === this.#place.children[index]);
    if (!same) this.#place.replaceChildren(...buttons);
    if (!buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  }

  #make(card) {
    const image = element("img", { alt: "", decoding: "async", draggable: "false" });
    const kind = element("span", { class: "strip-kind", text: /[^.]*$/.exec(card.name)[0].slice(0, 4) });
    const jump = () => {
      const title = card.element.querySelector("h3");
      card.element.scrollIntoView({ block: "start" });
      title.focus({ preventScroll: true });
    };
    const state = element("span", { class: "strip-state" });
    return element("button", { type: "button", tabindex: "-1", on: { click: jump } }, kind, image, state);
  }

  #tell(button, card, name) {
    const [kind, image, state] = button.children;
    if (card.thumbnail && !image.hasAttribute("src")) image.src = card.thumbnail;
    image.hidden = !card.thumbnail;
    kind.hidden = Boolean(card.thumbnail);
    const [path, words] = STATES[card.phase] ?? BUSY;
    button.setAttribute("aria-label", `${name}, ${words}`);
    button.title = `${card.name}, ${words}`;
    if (button.dataset.phase === card.phase) return;
    button.dataset.phase = card.phase;
    state.replaceChildren(icon(path));
  }

  #move(event) {
    const buttons = [...this.#place.children];
    const index = buttons.indexOf(document.activeElement);
    const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || index < 0) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  }

  /** Tab comes back to where it was. */
  #hold(button) {
    for (const each of this.#place.children) each.tabIndex = each === button ? 0 : -1;
  }
}
