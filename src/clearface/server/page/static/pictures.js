// Pictures of results, fetched once and kept while their photo is on the page.

import { askBlob, kept } from "./api.js";

export class Pictures {
  #known = new Map();

  /** @param {(card: object, error: Error) => void} onLost told where one does not come */
  constructor(onLost) {
    this.onLost = onLost;
  }

  /** One of a photo's pictures, as an address of the browser's own. */
  get(card, address) {
    return this.#once(card, address, async () => URL.createObjectURL(await askBlob(kept(address), { cache: "default" })));
  }

  /** A part of one, the same way. part: left, top, width and height as parts of the sides. */
  part(card, address, part) {
    return this.#once(card, `${address} ${part}`, async () => cutOut(await this.get(card, address), part));
  }

  /** Lets those of a photo go. */
  drop(card) {
    for (const url of this.#known.get(card)?.values() ?? []) url.then(URL.revokeObjectURL, () => {});
    this.#known.delete(card);
  }

  #once(card, name, make) {
    if (!this.#known.has(card)) this.#known.set(card, new Map());
    const known = this.#known.get(card);
    if (!known.has(name)) {
      const coming = make();
      known.set(name, coming);
      coming.catch((error) => {
        known.delete(name);
        this.onLost(card, error);
      });
    }
    return known.get(name);
  }
}

async function cutOut(url, [left, top, width, height]) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  const [wide, high] = [image.naturalWidth, image.naturalHeight];
  canvas.width = Math.max(1, Math.round(width * wide));
  canvas.height = Math.max(1, Math.round(height * high));
  canvas.getContext("2d").drawImage(image, -left * wide, -top * high);
  const blob = await new Promise((done) => canvas.toBlob(done));
  return URL.createObjectURL(blob);
}
