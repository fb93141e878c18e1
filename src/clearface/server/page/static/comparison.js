// Two pictures of the same thing, one over the other, with a line between them to move.

import { element, icon } from "./dom.js";

const DRAG = 5; // Pixels a finger may tremble before a tap becomes a drag.

/** A picture before and after; left of the line is before. */
export class Comparison {
  #before;
  #after;
  #slider;
  #suppressed = false;

  /**
   * @param {string} name what is compared, for those who do not see it
   * @param {Node[]} over what lies above the pictures, such as buttons
   */
  constructor(name, over = []) {
    const picture = (when) =>
      element("img", { class: when, alt: `${name}, ${when}`, draggable: "false", decoding: "sync" });
    this.#before = picture("before");
    this.#after = picture("after");
    const label = `Line between before and after: ${name}`;
    const bounds = { min: 0, max: 100, step: 1, value: 50 };
    this.#slider = element("input", { type: "range", class: "line-slider", ...bounds, "aria-label": label });
    const grip = element("span", { class: "grip" }, icon("M9.5 7l-5 5 5 5M14.5 7l5 5-5 5"));
    const line = element("div", { class: "line", "aria-hidden": "true" }, grip);
    const tag = (when, words) => element("span", { class: `tag tag-${when}`, "aria-hidden": "true", text: words });
    const tags = [tag("before", "Before"), tag("after", "After")];
    this.element = element("div", { class: "comparison" }, this.#before, this.#after, ...tags, this.#slider, line, ...over);
    this.#slider.addEventListener("input", () => this.#show());
    this.#listen();
    this.place = 50;
  }

  /** Where the line is, 0 to 100. */
  get place() {
    return Number(this.#slider.value);
  }

  set place(value) {
    this.#slider.value = Math.round(value);
    this.#show();
  }

  /** Keeps showing the pictures there were until the new ones can be drawn. */
  async show(before, after) {
    const ready = [before, after].map((url) => {
      const image = new Image();
      image.src = url;
      return image.decode();
    });
    await Promise.allSettled(ready);
    this.#before.src = before;
    this.#after.src = after;
    await Promise.allSettled([this.#before.decode(), this.#after.decode()]);
  }

  #show() {
    const place = this.place;
    this.element.style.setProperty("--place", `${place}%`);
    this.#slider.setAttribute("aria-valuetext", `${place}% before, ${100 - place}% after`);
    this.element.classList.toggle("all-after", place < 12);
    this.element.classList.toggle("all-before", place > 88);
  }

  #listen() {
    let start = null;
    const follow = (event) => {
      const box = this.element.getBoundingClientRect();
      this.place = Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width));
    };
    const begin = (event) => {
      start.dragging = true;
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add("dragging");
    };
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      start = { x: event.clientX, dragging: false };
      this.#suppressed = false;
      // A mouse moves the line at once; a finger may be about to scroll; on a button it may be about to press that.
      if (event.pointerType === "mouse" && !event.target.closest("button")) {
        begin(event);
        follow(event);
      }
    });
    this.element.addEventListener("pointermove", (event) => {
      if (!start || !event.isPrimary) return;
      if (!start.dragging && Math.abs(event.clientX - start.x) > DRAG) begin(event);
      if (start.dragging) follow(event);
    });
    const end = (event) => {
      if (!start || !event.isPrimary) return;
      if (event.type === "pointerup") {
        if (start.dragging) this.#suppressed = Math.abs(event.clientX - start.x) > DRAG;
        else if (!event.target.closest("button")) follow(event);
        if (!event.target.closest("button") || start.dragging) {
          this.#slider.focus({ preventScroll: true, focusVisible: false });
        }
      }
      start = null;
      this.element.classList.remove("dragging");
    };
    this.element.addEventListener("pointerup", end);
    this.element.addEventListener("pointercancel", end);
    this.element.addEventListener(
      "click",
      (event) => {
        // A drag that began on a button does not press it.
        if (!this.#suppressed) return;
        this.#suppressed = false;
        event.stopPropagation();
        event.preventDefault();
      },
      true,
    );
  }
}
