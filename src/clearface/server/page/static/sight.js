// Pictures are fetched and drawn only once they are nearly in sight: there may be many.

/** Does something to each element once it comes near the window. */
export class Sight {
  #acts = new Map();
  #watcher = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: "600px" });

  /** Once, as soon as the element is near; in place of what was to be done with it before. */
  once(element, act) {
    this.#acts.set(element, act);
    this.#watcher.unobserve(element);
    this.#watcher.observe(element);
  }

  /** Forgets all that was to be done. */
  clear() {
    this.#acts.clear();
    this.#watcher.disconnect();
  }

  #seen(entries) {
    for (const { isIntersecting, target } of entries) {
      const act = this.#acts.get(target);
      if (!isIntersecting || !act) continue;
      this.#acts.delete(target);
      this.#watcher.unobserve(target);
      act();
    }
  }
}
