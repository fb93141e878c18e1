// All photos on the page, the jobs they are handed in with, and what can be done with them together.

import { ask, askBlob, askJson, forget, handIn, kept, Refusal } from "./api.js";
import { Card, sameFace } from "./card.js";
import { pause, save, toast } from "./dom.js";
import { follow } from "./events.js";
import { batches, refusal } from "./limits.js";
import { Pictures } from "./pictures.js";
import { clock, count, ended } from "./words.js";
import { zipped } from "./zip.js";

const MEASURED_FIRST = 8; // Photos whose size is awaited before they are shown.
const PATIENCE = 0.4; // Seconds that takes at most.
const WARNED = 2; // Minutes before results are deleted.

export class Gallery {
  cards = [];

  /** Called when anything changed. */
  onChange = () => {};

  #about;
  #choices;
  #place;
  #openFace;
  #uploads = Promise.resolve();
  #jobs = new Map();
  #pictures = new Pictures((card, error) => this.#lost(card, error));
  #pasting = new Map();
  #away = new Map();

  /** about: the server's answer to `/about`. place: the list the cards go to. */
  constructor(about, choices, place, openFace) {
    this.#about = about;
    this.#choices = choices;
    this.#place = place;
    this.#openFace = openFace;
  }

  /** Takes photos in and begins. */
  async add(files) {
    const added = [...files].map((file) => this.#card(file));
    await Promise.race([Promise.all(added.slice(0, MEASURED_FIRST).map((card) => card.measure())), pause(PATIENCE)]);
    for (const card of added.slice(MEASURED_FIRST)) card.measure();
    this.cards.push(...added);
    this.#place.append(...added.map((card) => card.element));
    const fine = added.filter((card) => {
      const why = refusal(card, this.#about);
      if (why) card.refuse(why);
      return !why;
    });
    this.onChange();
    this.#handInAll(fine);
    return added;
  }

  /** Why some photos might be done again; null where there is no reason. */
  get stale() {
    if (this.cards.some((card) => card.phase === "gone")) return "Some photos are no longer on the server.";
    return this.cards.some((card) => this.#isStale(card)) ? "Your choices have changed." : null;
  }

  /** Does them again, with the choices of now. */
  redo() {
    this.#handInAll(this.cards.filter((card) => this.#isStale(card)));
  }

  /** Forgets everything, here and on the server. */
  clear() {
    for (const card of [...this.cards]) this.remove(card);
  }

  remove(card) {
    this.#detach(card);
    this.#pictures.drop(card);
    this.cards = this.cards.filter((each) => each !== card);
    card.close();
    this.onChange();
  }

  /** Asks the server to forget all jobs, as the page is being left. */
  leave() {
    for (const entry of this.#jobs.values()) forget(entry.job);
  }

  /** Whether something would be lost if everything were forgotten now: work going on, or results nobody has saved. */
  get unsaved() {
    return this.cards.some((card) => card.underWay || (card.phase === "done" && card.photo?.result && !card.saved));
  }

  /** Why nothing goes on just now; null where it does. */
  get trouble() {
    for (const [entry, sentence] of this.#away) {
      if ([...entry.cards.values()].some((card) => card.underWay)) return sentence;
    }
    return null;
  }

  get done() {
    return this.cards.filter((card) => card.phase === "done" && card.photo?.result);
  }

  get reports() {
    return this.cards.filter((card) => card.report).map((card) => card.report);
  }

  /** When the first of the results is deleted; null while there is none. */
  get expires() {
    const times = [...this.#jobs.values()].map((entry) => entry.job.expires).filter(Boolean);
    return times.length ? new Date(times.sort()[0]) : null;
  }

  async download(card) {
    const { photo } = card;
    const blob = await this.#fetched(card, photo.result.url);
    if (!blob) return;
    save(blob, card.resultName);
    if (card.photo === photo) card.saved = true;
  }

  async downloadAll() {
    const files = [];
    const taken = [];
    const missing = this.cards.filter((card) => !this.done.includes(card));
    for (const card of this.done) {
      const { photo } = card;
      const blob = await this.#fetched(card, photo.result.url);
      if (!blob) return;
      files.push({ name: card.resultName, blob });
      taken.push([card, photo]);
    }
    if (missing.length) {
      const lines = missing.map((card) => `${card.name}: ${card.complaint ?? "It was still being worked on."}\n`);
      files.push({ name: "not-done.txt", blob: new Blob(lines, { type: "text/plain" }) });
    }
    save(await zipped(files), "clearface.zip");
    for (const [card, photo] of taken) if (card.photo === photo) card.saved = true;
  }

  /** Restores a face, or leaves it as it was. */
  async tick(card, face, restored) {
    const entry = this.#pasting.get(card) ?? { wanted: [...(card.photo?.left ?? [])], running: false };
    this.#pasting.set(card, entry);
    entry.wanted = entry.wanted.filter((each) => !sameFace(each, face));
    if (!restored) entry.wanted.push({ frame: face.frame, number: face.number });
    card.busy(face, true);
    if (entry.running) return;
    entry.running = true;
    const { job, number } = card;
    let asked;
    do {
      asked = JSON.stringify({ left: entry.wanted });
      try {
        const photo = await this.#patched(`${job.links.self}/photos/${number}`, asked);
        if (card.job === job) card.update(photo);
      } catch (error) {
        this.#tell(card, error);
        break;
      }
    } while (asked !== JSON.stringify({ left: entry.wanted }));
    this.#pasting.delete(card);
    for (const each of card.faces) card.busy(each, false);
    card.refresh();
    this.onChange();
  }

  /** Leaves the faces of a new result that were left in the one before, and only then shows it. */
  async #leaveAgain(card, photo, faces) {
    const { job } = card;
    card.hold();
    let shown = photo;
    try {
      const left = faces.map(({ frame, number }) => ({ frame, number }));
      shown = await this.#patched(`${job.links.self}/photos/${card.number}`, JSON.stringify({ left }));
    } catch (error) {
      if (card.job !== job) return;
      toast(`The faces you had unticked in ${card.name} are restored again. ${ended(error.message)}`);
      this.#lost(card, error);
    }
    if (card.job === job) card.update(shown);
  }

  /** Says what could not be done with a photo. */
  #tell(card, error) {
    const gone = error instanceof Refusal && error.gone;
    toast(gone ? `The server no longer has ${card.name}.` : `${card.name}: ${ended(error.message)}`);
    this.#lost(card, error);
  }

  /** Tries again where the server is busy, a few times. */
  async #patched(address, body) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await askJson(address, { method: "PATCH", headers: { "Content-Type": "application/json" }, body });
      } catch (error) {
        const busy = error instanceof Refusal && (error.status === 429 || error.status === 503);
        if (!busy || attempt >= 5) throw error;
        toast(`${ended(error.message)} Trying again in ${error.retryAfter || 2} s.`);
        await pause(error.retryAfter || 2);
      }
    }
  }

  #card(file) {
    return new Card(file, {
      download: (card) => this.download(card),
      remove: (card) => this.#removed(card),
      retry: (card) => this.#handInAll([card]),
      open: (card, face) => this.#openFace(card, face),
      tick: (card, face, restored) => this.tick(card, face, restored),
      picture: (card, address) => this.#pictures.get(card, address),
      part: (card, address, part) => this.#pictures.part(card, address, part),
      changed: () => this.onChange(),
    });
  }

  /** The focus goes to the photo after it. */
  #removed(card) {
    const index = this.cards.indexOf(card);
    const next = this.cards[index + 1] ?? this.cards[index - 1];
    this.remove(card);
    (next ? next.element.querySelector("h3") : document.getElementById("choose")).focus();
    toast(`${card.name} is removed.`);
  }

  #isStale(card) {
    if (card.phase === "gone") return true;
    return card.mark !== null && card.mark !== this.#choices.mark && ["done", "failed"].includes(card.phase);
  }

  /** Hands photos in, as many together as the server takes. */
  #handInAll(cards) {
    if (!cards.length) return;
    this.#choices.settle();
    const task = this.#choices.task;
    const options = this.#choices.options;
    const differences = this.#choices.differences;
    for (const card of cards) {
      this.#detach(card);
      card.begin(this.#choices.mark, differences);
    }
    for (const batch of batches(cards, this.#about.limits)) {
      this.#uploads = this.#uploads.then(() => this.#handIn(batch, task, options));
    }
  }

  async #handIn(batch, task, options) {
    const abort = new AbortController();
    const entry = { abort, cards: new Set(batch) };
    for (const card of batch) if (this.cards.includes(card)) card.upload = entry;
    const present = batch.filter((card) => card.upload === entry);
    entry.cards = new Set(present);
    const still = () => present.filter((card) => card.upload === entry);
    while (still().length) {
      try {
        const form = this.#form(present, task, options);
        const job = await handIn(form, (share) => still().forEach((card) => card.uploaded(share)), abort.signal);
        this.#reached(entry);
        this.#begin(job, present, entry);
        return;
      } catch (error) {
        if (error.name === "AbortError") return;
        if (!(error instanceof Refusal) || !error.passing) {
          this.#refused(still(), error);
          return;
        }
        this.#missed(entry, error);
        for (let left = Math.ceil(error.retryAfter || 3); left > 0 && still().length; left -= 1) {
          for (const card of still()) card.delay(`${ended(error.message)} Trying again in ${left} s`);
          await pause(1);
        }
      }
    }
  }

  #refused(cards, error) {
    const fields = error.fields ?? {};
    // The sentence may be that of the one option that is at fault.
    const told = Object.values(fields).flat().map(String).filter((sentence) => !error.message.includes(sentence));
    this.#choices.complain(fields);
    for (const card of cards) {
      card.upload = null;
      const sentence = told.length ? `${ended(error.message)} ${told.join(" ")}` : error.message;
      card.fail(sentence, !(error instanceof Refusal) || error.later);
    }
  }

  #form(cards, task, options) {
    const form = new FormData();
    form.append("task", task);
    form.append("view", "true");
    for (const [name, value] of Object.entries(options)) form.append(name, value);
    for (const card of cards) form.append("photos", card.file, card.name);
    return form;
  }

  #begin(job, cards, upload) {
    const entry = { job, cards: new Map(), stop: new AbortController(), timer: null };
    cards.forEach((card, index) => {
      if (card.upload !== upload) return; // Taken away meanwhile.
      card.upload = null;
      card.job = job;
      card.number = job.photos[index].number;
      entry.cards.set(card.number, card);
    });
    if (!entry.cards.size) {
      forget(job);
      return;
    }
    this.#jobs.set(job.id, entry);
    this.#take(entry, job);
    this.#follow(entry);
  }

  #take(entry, job) {
    entry.job = job;
    for (const photo of job.photos) this.#takePhoto(entry, photo);
    this.onChange();
  }

  #takePhoto(entry, photo) {
    const card = entry.cards.get(photo.number);
    if (!card) return;
    // What was over stays so: news may come late.
    const over = card.phase === "done" || card.phase === "failed";
    if (card.holding || (over && (card.photo?.revision ?? 0) >= photo.revision)) return;
    if (photo.state === "done" && !over) {
      const { faces, lost } = card.unticked(photo);
      if (lost) toast(`${count(lost, "face")} you had unticked in ${card.name} cannot be told among the new ones: look at the ticks.`);
      if (faces.length) {
        this.#leaveAgain(card, photo, faces);
        return;
      }
    }
    card.update(photo);
  }

  async #follow(entry) {
    try {
      await follow(
        entry.job,
        {
          job: (job) => this.#take(entry, job),
          photo: (photo) => this.#takePhoto(entry, photo),
          away: (refusal) => (refusal ? this.#missed(entry, refusal) : this.#reached(entry)),
        },
        entry.stop.signal,
      );
      if (!entry.stop.signal.aborted) this.#watchExpiry(entry);
    } catch (error) {
      if (!entry.stop.signal.aborted) this.#broken(entry, error);
    }
  }

  /** The server cannot be reached just now, or is too busy. */
  #missed(entry, refusal) {
    this.#away.set(entry, ended(refusal.message));
    for (const card of entry.cards.values()) {
      if (card.phase === "waiting" || card.phase === "working") card.delay(`${ended(refusal.message)} Trying again`);
    }
    this.onChange();
  }

  #reached(entry) {
    if (this.#away.delete(entry)) this.onChange();
  }

  #broken(entry, error) {
    if (error instanceof Refusal && error.gone) {
      this.#gone(entry);
      return;
    }
    for (const card of entry.cards.values()) if (card.phase !== "done") card.fail(error.message, true);
  }

  /** Warns before the results are deleted, and says so when they are. now: by the server's clock, in milliseconds. */
  #watchExpiry(entry, now = Date.now()) {
    if (!entry.job.expires) return;
    const left = new Date(entry.job.expires) - now;
    const early = left - WARNED * 60_000;
    const wait = (early > 0 ? early : Math.max(0, left)) + 1000;
    entry.timer = setTimeout(
      async () => {
        try {
          const response = await ask(entry.job.links.self);
          entry.job = await response.json();
          this.onChange();
          const then = new Date(response.headers.get("Date") ?? Date.now()).getTime();
          const remains = new Date(entry.job.expires) - then;
          if (remains <= 0) {
            forget(entry.job); // Its time is over, though the server has not tidied up yet.
            this.#gone(entry);
            return;
          }
          if (remains <= WARNED * 60_000 && early > 0 && this.unsaved) {
            toast(`The server deletes your photos and results at ${clock(new Date(entry.job.expires))}: save what you want to keep.`);
          }
          this.#watchExpiry(entry, then);
        } catch (error) {
          if (error instanceof Refusal && error.gone) this.#gone(entry);
          else entry.timer = setTimeout(() => this.#watchExpiry(entry), 5000);
        }
      },
      Math.min(wait, 2 ** 31 - 1),
    );
  }

  /** The server no longer knows the job. */
  #gone(entry) {
    this.#jobs.delete(entry.job.id);
    clearTimeout(entry.timer);
    entry.stop.abort();
    for (const card of entry.cards.values()) {
      card.job = null;
      if (card.phase === "done") card.vanish("The server has deleted this photo and its result");
      else if (card.phase !== "failed") card.vanish("The server no longer knows this photo; it may have been started anew");
    }
    this.onChange();
  }

  /** Deals with a picture or a result that did not come. */
  #lost(card, error) {
    const entry = card.job && this.#jobs.get(card.job.id);
    if (entry && error instanceof Refusal && error.gone) {
      askJson(entry.job.links.self).then(
        () => {},
        (second) => second instanceof Refusal && second.gone && this.#gone(entry),
      );
    }
  }

  async #fetched(card, address) {
    try {
      return await askBlob(kept(address));
    } catch (error) {
      this.#tell(card, error);
      return null;
    }
  }

  /** The photo belongs to no job any more; a job without photos is forgotten. */
  #detach(card) {
    if (card.upload) {
      card.upload.cards.delete(card);
      if (!card.upload.cards.size) card.upload.abort.abort();
      card.upload = null;
    }
    const entry = card.job && this.#jobs.get(card.job.id);
    card.job = null;
    this.#pasting.delete(card);
    if (!entry) return;
    entry.cards.delete(card.number);
    if (entry.cards.size) return;
    this.#jobs.delete(entry.job.id);
    clearTimeout(entry.timer);
    entry.stop.abort();
    forget(entry.job);
  }
}

/** What all photos come to, in a line. */
export function summaryOf(gallery) {
  const { cards } = gallery;
  const of = (...phases) => cards.filter((card) => phases.includes(card.phase)).length;
  const done = of("done");
  const wrong = of("failed", "refused");
  const gone = of("gone");
  const busy = cards.length - done - wrong - gone;
  const parts = [];
  if (busy && gallery.trouble) return `${gallery.trouble} Trying again; ${done} of ${cards.length} ready`;
  if (busy) parts.push(`${done} of ${cards.length} ready`);
  else if (done) parts.push(cards.length === 1 ? "Ready" : `${done} ready`);
  if (wrong) parts.push(`${wrong} not done`);
  if (gone) parts.push(`${gone} no longer on the server`);
  if (busy && cards.length > 1) parts.push(`${busy} to come`);
  const expires = gallery.expires;
  if (!busy && expires) parts.push(`kept until ${clock(expires)}, or until you leave`);
  return parts.join(", ");
}
