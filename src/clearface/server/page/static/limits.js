// What the server takes, looked at before anything is sent.

import { bytes } from "./words.js";

const AROUND_PHOTOS = 64 * 1024; // Names and options take some room too.

const millions = (pixels) => `${Math.round(pixels / 1e6)} million`;

/** Why a photo, of a card, need not even be handed in, by what `/about` answered; null where it may. */
export function refusal({ file, pixels }, { limits, accept, kinds }) {
  if (!file.size) return "This file is empty, or a folder";
  if (file.size > limits.bytes) {
    return `This file has ${bytes(file.size)}, and the server takes photos of up to ${bytes(limits.bytes)}`;
  }
  if (pixels > limits.pixels) {
    return `This photo has ${millions(pixels)} pixels, and the server takes up to ${millions(limits.pixels)}`;
  }
  const extension = /\.[^.]+$/.exec(file.name)?.[0].toLowerCase();
  const listed = accept.split(",").map((each) => each.trim().toLowerCase());
  if (!file.type.startsWith("image/") && file.type !== "" && !listed.includes(extension)) {
    return `This is no photo of a kind the server reads (${kinds.join(", ")})`;
  }
  return null;
}

/** Photos in groups, each as many as the server takes at once. */
export function batches(cards, { files, request_bytes: most }) {
  const found = [];
  let size = Infinity;
  for (const card of cards) {
    if (size + card.file.size > most - AROUND_PHOTOS || found.at(-1).length >= files) {
      found.push([]);
      size = 0;
    }
    found.at(-1).push(card);
    size += card.file.size;
  }
  return found;
}
