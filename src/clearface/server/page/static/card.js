// One photo on the page: from being chosen to its result.

import { CLOSE, nearest } from "./boxes.js";
import { announce, copied, element, icon } from "./dom.js";
import { FaceList } from "./face_list.js";
import { Sight } from "./sight.js";
import { Stage } from "./stage.js";
import { count, ended, outcomeWords, stepWords } from "./words.js";

const BUSY = ["uploading", "waiting", "working"];

let made = 0;

/** What the browser itself can tell of a photo, before anything is handed in; null for a kind it does not show. */
async function peek(file) {
  const url = URL.createObjectURL(file);
  const image = new Image();
  const read = await new Promise((done) => {
    image.addEventListener("load", () => done(true));
    image.addEventListener("error", () => done(false));
    image.src = url;
  });
  if (read) return { url, width: image.naturalWidth, height: image.naturalHeight };
  URL.revokeObjectURL(url);
  return null;
}

/** A square with room around a face, as parts of the photo's sides. */
function around([left, top, right, bottom], { width, height }) {
  const side = 1.7 * Math.max(right - left, bottom - top);
  return [(left + right - side) / (2 * width), (top + bottom - side) / (2 * height), side / width, side / height];
}

/** Where a face is named among those of a photo. */
export const sameFace = (one, other) => one.frame === other.frame && one.number === other.number;

export class Card {
  /** The job it was handed in with, and its number there; null before and after. */
  job = null;
  number = null;

  /** What it is being handed in with. */
  upload = null;

  /** What the server last told of it. */
  photo = null;

  /** `new`, `refused`, `uploading`, `waiting`, `working`, `done`, `failed`, `gone`. */
  phase = "new";

  /** What it was handed in with, see `Choices.mark`. */
  mark = null;

  /** Why there is no result; null where there is, or may still be. */
  complaint = null;

  /** Whether its result was taken home. */
  saved = false;

  /** Whether a new result is held back until the faces are left that were left in the one before. */
  holding = false;

  /** What its choices are called, where they are not the usual ones. */
  choices = "";

  /** Faces that someone left as they were, as they lay in an earlier result. */
  #unticked = [];

  #peeked = null;
  #parts;
  #stage;
  #list;
  #sight = new Sight();

  /**
   * @param {File} file
   * @param {object} actions what can be done with it: `download`, `remove`, `retry`, `open` (a face), `tick` (a face, whether
   *   it is to be restored), `picture` (an address to one of the browser's own), `part` (the same of a part of a picture),
   *   `changed`
   */
  constructor(file, actions) {
    made += 1;
    this.id = `photo-${made}`;
    this.file = file;
    this.name = file.name || "photo";
    this.actions = actions;
    this.#build();
  }

  /** Learns its size, so that its room is right from the start. */
  async measure() {
    this.#peeked = await peek(this.file);
    if (this.#peeked) {
      this.#stage.preview(this.#peeked);
    } else if (/^image\/(jpeg|png|gif|webp|bmp)$/.test(this.file.type)) {
      // What every browser shows and this one cannot is damaged, so there will be little to see.
      this.element.classList.add("unreadable");
      this.#stage.explain("Your browser cannot show this file");
    }
    this.actions.changed(this);
  }

  /** An address of the photo as it was chosen; null where the browser cannot show it. */
  get thumbnail() {
    return this.#peeked?.url ?? null;
  }

  get underWay() {
    return BUSY.includes(this.phase);
  }

  /** What its result is called where it is saved; one that is the very photo keeps its name. */
  get resultName() {
    return this.report?.status === "unchanged" ? this.name : this.photo.result.name;
  }

  /** How many it has; 0 where the browser cannot tell. */
  get pixels() {
    return this.#peeked ? this.#peeked.width * this.#peeked.height : 0;
  }

  get report() {
    return this.photo?.report ?? null;
  }

  /** Those of the report, each with its `pictures`, or null where there are none. */
  get faces() {
    const seen = this.photo?.view?.faces ?? [];
    const pictures = (face) => seen.find((each) => sameFace(each, face)) ?? null;
    const person = ({ identity }) => identity?.name && identity.candidates[0];
    return (this.report?.faces ?? []).map((face) => ({ ...face, ...person(face), pictures: pictures(face) }));
  }

  get frames() {
    return this.photo?.view?.frames ?? 1;
  }

  /** Whether a face stays as it was because someone asked for it. */
  isLeft(face) {
    return (this.photo?.left ?? []).some((each) => sameFace(each, face));
  }

  /** Whether someone can say whether a face is to be restored. */
  isFree(face) {
    return Boolean(face.verdict) && (!face.left_as_it_was || this.isLeft(face));
  }

  /** One of its pictures as an address of the browser's own. */
  picture(address) {
    return this.actions.picture(this, address);
  }

  /**
   * A picture of one face, the same way; of a face that was only found, a part of the photo.
   * @param {string} what `before`, `after`, `confidence`, `kernel`
   */
  async facePicture(face, what) {
    if (face.pictures) return this.picture(face.pictures[what]);
    if (face.frame > 1) throw new Error("only the first frame is shown");
    const { view } = this.photo;
    return this.actions.part(this, view.before, around(face.box, view));
  }

  refuse(sentence) {
    this.#set("refused");
    this.#complain(sentence);
  }

  /**
   * Begins anew, as if just chosen; what was unticked is remembered.
   * @param {string} mark of its choices
   * @param {string} choices what they are called
   */
  begin(mark, choices) {
    this.#remember();
    this.mark = mark;
    this.choices = choices;
    this.#parts.choices.textContent = choices;
    this.#parts.choices.hidden = !choices;
    this.photo = null;
    this.complaint = null;
    this.saved = false;
    this.holding = false;
    this.#sight.clear();
    this.#stage.clear();
    this.#list.clear();
    this.#parts.message.hidden = true;
    this.#set("uploading");
    this.uploaded(0);
  }

  uploaded(share) {
    this.#progress(share >= 1 ? "Handing in" : `Uploading ${Math.round(share * 100)}%`, share);
  }

  /** Why it does not go on just now. */
  delay(sentence) {
    this.#progress(sentence, null);
  }

  /**
   * Which faces of a new result someone left as they were in the one before, and how many of those now lie elsewhere.
   * @param {object} photo what the server tells of it
   */
  unticked({ report, view }) {
    const judged = view ? (report?.faces ?? []).filter((face) => face.verdict) : [];
    const found = this.#unticked.map((old) => nearest(old, judged));
    const lost = this.#unticked.filter((old, index) => !found[index] && nearest(old, judged, CLOSE)).length;
    return { faces: judged.filter((face) => found.includes(face) && !face.left_as_it_was), lost };
  }

  #remember() {
    const faces = this.faces.filter((face) => face.verdict);
    if (!faces.length) return; // Nothing was ticked or not: what was before still holds.
    const free = faces.filter((face) => this.isFree(face));
    const open = (old) => !nearest(old, free);
    const left = faces.filter((face) => this.isLeft(face)).map(({ frame, box }) => ({ frame, box }));
    this.#unticked = [...this.#unticked.filter(open), ...left];
  }

  /** Says that the faces left before are being left again. */
  hold() {
    this.holding = true;
    this.#set("working");
    this.#progress("Leaving the faces you unticked", null);
  }

  /** Takes in what the server tells of it. */
  update(photo) {
    this.holding = false;
    if (this.photo && photo.revision !== this.photo.revision) this.saved = false;
    const before = this.phase;
    this.photo = photo;
    if (photo.state === "waiting") {
      this.#set("waiting");
      this.#progress("Waiting for its turn", null);
    } else if (photo.state === "working") {
      this.#set("working");
      this.#progress(stepWords(photo.step), photo.fraction);
    } else if (photo.state === "failed") {
      const sentence = photo.error ?? "It could not be done";
      this.fail(sentence, photo.fault === "server");
    } else {
      this.#set("done");
      if (before !== "done") announce(`${this.name}: ${outcomeWords(photo.report ?? {}, photo.revision)}`);
      this.#showResult();
    }
  }

  /** again: whether trying again may help. */
  fail(sentence, again) {
    this.#set("failed");
    this.#complain(sentence, again ? "Try again" : null);
  }

  /** The server has deleted it. */
  vanish(sentence) {
    if (this.phase === "gone") return;
    this.#sight.clear();
    this.#set("gone");
    this.#complain(sentence, "Do it again");
  }

  /** Says of a face that it is being worked on. */
  busy(face, is) {
    this.#list.busy(this, face, is);
    this.#stage.busy = is;
  }

  /** Shows the ticks as they are, after one could not be changed. */
  refresh() {
    this.#list.refresh(this);
  }

  close() {
    this.#sight.clear();
    if (this.#peeked) URL.revokeObjectURL(this.#peeked.url);
    this.element.remove();
  }

  #build() {
    this.element = copied("card-template");
    this.element.id = this.id;
    const part = (selector) => this.element.querySelector(selector);
    this.#parts = {
      title: part("h3"),
      state: part(".card-state"),
      choices: part(".card-choices"),
      download: part(".download"),
      showMarks: part(".show-marks"),
      remove: part(".remove"),
      message: part(".message"),
    };
    const { title, download, showMarks, remove } = this.#parts;
    title.id = `${this.id}-name`;
    title.textContent = this.name;
    this.element.setAttribute("aria-labelledby", title.id);
    for (const button of [download, showMarks]) button.setAttribute("aria-describedby", title.id);
    remove.setAttribute("aria-label", `Remove ${this.name}`);
    part(".faces").setAttribute("aria-label", `Faces of ${this.name}`);
    download.addEventListener("click", () => this.actions.download(this));
    remove.addEventListener("click", () => this.actions.remove(this));
    showMarks.addEventListener("click", () => {
      showMarks.setAttribute("aria-pressed", String(!this.#marksWanted));
      this.#stage.marked = this.#marksWanted;
    });
    this.#stage = new Stage(part(".stage"), this.name);
    this.#list = new FaceList(part(".faces-list"));
  }

  get #marksWanted() {
    return this.#parts.showMarks.getAttribute("aria-pressed") === "true";
  }

  #set(phase) {
    this.phase = phase;
    this.element.dataset.phase = phase;
    this.element.setAttribute("aria-busy", String(this.underWay));
    if (!this.underWay) this.#stage.progress(undefined);
    this.#parts.download.hidden = phase !== "done" || !this.photo?.result;
    this.#parts.showMarks.hidden = phase !== "done" || !this.faces.some((face) => face.frame === 1);
    this.#stage.marked = phase === "done" && this.#marksWanted;
    this.actions.changed(this);
  }

  #progress(words, share) {
    this.#parts.state.textContent = words;
    this.#stage.progress(share);
  }

  #complain(sentence, again = null) {
    const { message, state, title } = this.#parts;
    // The name stands above already.
    const said = sentence.startsWith(`${this.name}: `) ? sentence.slice(this.name.length + 2) : sentence;
    const parts = [icon("M12 8v5m0 3v.5M12 3l9.5 17h-19z"), element("p", { text: ended(said) })];
    if (again) {
      const retry = () => this.actions.retry(this);
      parts.push(element("button", { type: "button", text: again, "aria-describedby": title.id, on: { click: retry } }));
    }
    this.complaint = ended(said);
    message.className = "message problem";
    message.replaceChildren(...parts);
    message.hidden = false;
    state.textContent = this.phase === "gone" ? "No longer on the server" : "Not done";
    this.#list.hidden = true;
    announce(`${this.name}: ${said}`);
  }

  #showResult() {
    const { state, message } = this.#parts;
    const report = this.report ?? {};
    state.textContent = outcomeWords(report, this.photo.revision);
    message.hidden = this.faces.length > 0;
    if (!this.faces.length) {
      const why = report.left_out
        ? `${count(report.left_out, "face")} found, but none among those you asked for.`
        : "No face was found, so nothing was changed.";
      message.className = "message";
      message.replaceChildren(element("p", { text: why }));
    }
    if (!this.photo.view) return;
    this.#stage.prepare(this, (face) => this.actions.open(this, face));
    this.#list.show(this, this.#sight);
    this.#sight.once(this.element.querySelector(".stage"), () => this.#showPictures());
  }

  async #showPictures() {
    const { revision } = this.photo;
    try {
      if (await this.#stage.show(this)) this.element.dataset.revision = revision;
    } catch {
      // Who fetches pictures says why there is none.
    }
  }
}
