// What is to be done with the photos: the panel of choices.

import { announce, byId, element, segments } from "./dom.js";
import { spreadField } from "./spread.js";
import { ended } from "./words.js";

const TASKS = {
  restore: "Sharpen faces",
  detect: "Find faces",
  hide: "Hide faces",
  identify: "Name faces",
};

const RESTORERS = {
  smfd: "clearface’s own (smfd)",
  "richardson-lucy": "Richardson–Lucy",
  wiener: "Wiener filter",
  "unsupervised-wiener": "Wiener filter, balancing itself",
  identity: "None, to compare with",
};

const FORMATS = [
  ["", "As the photo"],
  ["jpg", "JPEG"],
  ["png", "PNG"],
  ["webp", "WebP"],
  ["tiff", "TIFF"],
  ["avif", "AVIF"],
];

/** What is folded away, besides what is said of faces. */
const MORE = ["restore_anyway", "format", "quality", "metadata"];

let fields = 0;

/** A label, what it labels, a hint, and room for what is wrong with it. */
export function field(option, label, control, hint = null) {
  fields += 1;
  const id = `choice-${fields}`;
  control.id = id;
  const described = [];
  const hintLine = hint === null ? null : element("p", { class: "hint", id: `${id}-hint`, text: hint });
  if (hintLine) described.push(hintLine.id);
  const error = element("p", { class: "field-error", id: `${id}-error`, hidden: true });
  described.push(error.id);
  control.setAttribute("aria-describedby", described.join(" "));
  const name = element("label", { for: id, text: label });
  const isTick = control.type === "checkbox";
  const line = isTick ? [control, name] : [name, control];
  return element("div", { class: isTick ? "field tick" : "field", data: option ? { option } : {} }, ...line, hintLine, error);
}

/** Says something below a field; null for nothing. mild: of what was put right already. */
function say(input, sentence, mild = false) {
  const place = input.closest(".field").querySelector(".field-error");
  place.textContent = sentence ?? "";
  place.hidden = sentence === null;
  place.classList.toggle("mild", mild);
  if (sentence === null || mild) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
}

/** What a number is called, such as "Length". */
const nameOf = (input) => input.labels[0].textContent.replace(/ \(.*/, "");

/** A number that comes to lie within its bounds, and says so where it did not. */
export function number({ least, most, step, value, empty = false }) {
  const bounds = { min: least, max: most, step, value: empty ? null : value };
  const input = element("input", { type: "number", inputmode: "decimal", ...bounds });
  const missing = () => input.value === "" && !(empty && !input.validity.badInput);
  input.addEventListener("input", () => say(input, missing() ? `${nameOf(input)} is missing` : null));
  input.addEventListener("change", () => {
    if (input.value === "" && !missing()) return;
    const name = nameOf(input);
    if (missing()) {
      input.value = value;
      say(input, `${name} was ${value === "" ? "no number" : `missing, so it is ${value} again`}`, true);
    } else {
      const given = step === 1 ? Math.round(Number(input.value)) : Number(input.value);
      const kept = Math.min(Math.max(given, least), most);
      input.value = kept;
      if (kept !== given) say(input, `${name} goes from ${least} to ${most}, so it is ${kept}`, true);
    }
    const told = input.closest(".field").querySelector(".field-error:not([hidden])");
    if (told) announce(told.textContent);
  });
  return input;
}

const choose = (options, chosen = "") =>
  element("select", {}, ...options.map(([value, text]) => element("option", { value, text, selected: value === chosen })));

const tick = () => element("input", { type: "checkbox" });

/** The panel, made from what the server offers. */
export class Choices {
  #about;
  #restorer;
  #tasks = [];
  #inputs = {};
  #spread;
  #parts = {};

  /** @param {object} about the server's answer to `/about` */
  constructor(about, form) {
    this.#about = about;
    this.#build(form);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.#changed(event));
    form.addEventListener("change", (event) => this.#changed(event));
    this.onChange = () => {};
    this.#show();
  }

  get task() {
    return this.#tasks.find((radio) => radio.checked)?.value ?? this.#about.tasks[0];
  }

  /** Whether photos stay as they are. */
  get #looks() {
    return ["detect", "identify"].includes(this.task);
  }

  /** The options as the API calls them, only those that say something. */
  get options() {
    const given = {};
    const inputs = this.#inputs;
    if (this.task === "restore") {
      given.restorer = this.#restorer.value;
      const takes = this.#takes();
      if (takes.has("psf")) given.psf = this.#spread.value;
      for (const name of ["fidelity", "iterations", "tv", "balance"]) if (takes.has(name)) given[name] = inputs[name].value;
      for (const name of ["linear_light", "restore_anyway"]) {
        if (takes.has(name) && inputs[name].checked) given[name] = "true";
      }
    }
    if (this.#looks) {
      given.save_boxes = "true";
    } else {
      if (inputs.format.value) given.format = inputs.format.value;
      if (inputs.metadata.checked) given.metadata = "strip";
      if (inputs.quality.value !== "95") given.quality = inputs.quality.value;
    }
    if (inputs.which.value) given[inputs.which.value] = "true";
    if (Number(inputs.min_size.value) > 0) given.min_size = inputs.min_size.value;
    if (inputs.threshold.value) given.threshold = inputs.threshold.value;
    if (inputs.detector?.value) given.detector = inputs.detector.value;
    return given;
  }

  /** The same choices are the same text. */
  get mark() {
    return JSON.stringify([this.task, this.options]);
  }

  /** What is chosen and is not as usual, in a few words; empty where all is. */
  get differences() {
    const inputs = this.#inputs;
    const chosen = (select) => select.selectedOptions[0].textContent;
    const said = [];
    const add = (name, words) => !this.#parts[name].hidden && said.push(words);
    if (this.task !== "restore") said.push(TASKS[this.task]);
    else if (this.#restorer.value !== this.#standard) said.push(chosen(this.#restorer));
    if (inputs.fidelity.value !== "1") add("fidelity", `fidelity ${inputs.fidelity.value}`);
    add("psf", this.#spread.words);
    for (const name of ["iterations", "tv", "balance"]) {
      const input = inputs[name];
      const label = input.labels[0].textContent.toLowerCase();
      if (input.value !== input.defaultValue) add(name, `${label} ${input.value}`);
    }
    if (inputs.linear_light.checked) add("linear_light", "on light");
    if (inputs.restore_anyway.checked) add("restore_anyway", "sharp and lost faces too");
    if (inputs.which.value) said.push(chosen(inputs.which).toLowerCase());
    if (Number(inputs.min_size.value) > 0) said.push(`no faces below ${inputs.min_size.value} px`);
    if (inputs.threshold.value) said.push(`score of at least ${inputs.threshold.value}`);
    if (inputs.detector?.value) said.push(`faces found by ${chosen(inputs.detector)}`);
    if (inputs.format.value) add("format", `saved as ${chosen(inputs.format)}`);
    if (inputs.quality.value !== "95") add("quality", `quality ${inputs.quality.value}`);
    if (inputs.metadata.checked) add("metadata", "without EXIF, XMP and comments");
    const line = said.join(", ");
    return line.charAt(0).toUpperCase() + line.slice(1);
  }

  /** In a few words. */
  get words() {
    if (this.task !== "restore") return TASKS[this.task];
    const parts = [this.#restorer.selectedOptions[0].textContent];
    const fidelity = this.#inputs.fidelity.value;
    if (this.#takes().has("fidelity") && fidelity !== "1") parts.push(`fidelity ${fidelity}`);
    return parts.join(", ");
  }

  /** Shows beside each option what the server said of it. */
  complain(faults) {
    for (const [option, sentences] of Object.entries(faults)) {
      const place = this.#form.querySelector(`[data-option="${CSS.escape(option)}"]`);
      if (!place) continue;
      const error = place.matches("fieldset") ? place.lastElementChild : place.querySelector(".field-error");
      error.textContent = [sentences].flat().join(" ");
      error.hidden = false;
      // Of several fields together nobody knows which one it is.
      if (!place.matches("fieldset")) place.querySelector("input, select")?.setAttribute("aria-invalid", "true");
      place.closest("details:not([open])")?.setAttribute("open", "");
    }
  }

  #form;
  #standard;

  /** Leaves no number empty or out of its bounds, also where someone is still at it. */
  settle() {
    for (const input of this.#form.querySelectorAll("input[type=number]")) {
      const within = input.checkValidity() || input.validity.stepMismatch;
      if (!within || input.value === "") input.dispatchEvent(new Event("change"));
    }
  }

  #takes() {
    return new Set(this.#about.restorers.find((each) => each.name === this.#restorer.value)?.takes ?? []);
  }

  #build(form) {
    this.#form = form;
    const { tasks, restorers, detectors, kinds } = this.#about;
    const known = tasks.filter((task) => task in TASKS);
    const taskSwitch = segments("task", known.map((task) => [task, TASKS[task]]), known[0]);
    this.#tasks = [...taskSwitch.querySelectorAll("input")];
    const legend = element("legend", { text: "What to do" });
    const taskField = element("fieldset", { class: "field", data: { option: "task" } }, legend, taskSwitch);

    const standard = restorers.find((each) => each.default) ?? restorers[0];
    this.#standard = standard.name;
    this.#restorer = choose(
      restorers.map(({ name }) => [name, RESTORERS[name] ?? name]),
      standard.name,
    );
    this.#parts.restorer = field("restorer", "How", this.#restorer, " ");
    this.#parts.fidelity = this.#buildFidelity();
    this.#spread = spreadField(number, field);
    this.#parts.psf = this.#spread.fieldset;

    const inputs = this.#inputs;
    inputs.iterations = number({ least: 1, most: 1000, step: 1, value: 30 });
    inputs.tv = number({ least: 0, most: 1, step: 0.001, value: 0 });
    inputs.linear_light = tick();
    inputs.balance = number({ least: 0.0001, most: 10, step: 0.001, value: 0.01 });
    this.#parts.iterations = field("iterations", "Rounds", inputs.iterations, "More is sharper, and noisier");
    this.#parts.tv = field("tv", "Damping", inputs.tv, "0 is none; 0.002 calms noise");
    this.#parts.balance = field("balance", "Noise damping", inputs.balance, "Less is sharper, and noisier");
    this.#parts.linear_light = field("linear_light", "Work on light instead of sRGB values", inputs.linear_light);

    inputs.which = choose([
      ["", "All faces"],
      ["largest", "Only the largest"],
      ["centre", "Only the one nearest the centre"],
    ]);
    inputs.min_size = number({ least: 0, most: 10000, step: 1, value: 0 });
    inputs.threshold = number({ least: 0.01, most: 1, step: 0.01, value: "", empty: true });
    inputs.restore_anyway = tick();
    inputs.format = choose(FORMATS.filter(([, words], index) => index === 0 || kinds.includes(words)));
    inputs.quality = number({ least: 1, most: 100, step: 1, value: 95 });
    inputs.metadata = tick();
    this.#parts.restore_anyway = field("restore_anyway", "Restore sharp and lost faces too", inputs.restore_anyway);
    this.#parts.format = field("format", "Save as", inputs.format);
    this.#parts.quality = field("quality", "Quality", inputs.quality, "Of JPEG, WebP, AVIF and HEIC, 1 to 100");
    this.#parts.metadata = field("metadata", "Strip EXIF, XMP and comments", inputs.metadata);
    const more = [
      field("which", "Which faces", inputs.which),
      field("min_size", "Leave out faces below", inputs.min_size, "Pixels; 0 leaves out none"),
      field("threshold", "Least score of a face", inputs.threshold, "0 to 1; higher finds fewer false faces; empty for the usual"),
    ];
    if (detectors.length > 1) {
      inputs.detector = choose([["", "Usual"], ...detectors.slice(1).map(({ name }) => [name, name])]);
      more.push(field("detector", "What finds faces", inputs.detector));
    }
    form.replaceChildren(
      known.length > 1 ? taskField : "",
      this.#parts.restorer,
      this.#parts.fidelity,
      this.#parts.psf,
      this.#parts.iterations,
      this.#parts.tv,
      this.#parts.balance,
      this.#parts.linear_light,
      element(
        "details",
        { class: "more" },
        element("summary", { text: "More choices" }),
        element("div", { class: "more-body" }, ...more, ...MORE.map((name) => this.#parts[name])),
      ),
    );
  }

  #buildFidelity() {
    const slider = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: 1 });
    this.#inputs.fidelity = slider;
    const built = field("fidelity", "Fidelity", slider);
    const value = element("output", { for: slider.id, class: "value", text: "1" });
    built.querySelector("label").append(" ", value);
    const ends = ["more detail", "more faithful"].map((words) => element("span", { text: words }));
    const risk = "More detail looks sharper, but less of it is certain: some of it is guessed.";
    const hint = element("p", { class: "hint", id: `${slider.id}-risk`, text: risk });
    slider.setAttribute("aria-describedby", `${hint.id} ${slider.getAttribute("aria-describedby")}`);
    slider.after(element("p", { class: "ends", "aria-hidden": "true" }, ...ends), hint);
    const tell = () => {
      value.textContent = slider.value;
      slider.setAttribute("aria-valuetext", `${slider.value}, 0 is more detail, 1 is more faithful`);
    };
    slider.addEventListener("input", tell);
    tell();
    return built;
  }

  #changed(event) {
    // Numbers say themselves what is wrong with them.
    const place = event.target.closest("[data-option]");
    if (place && event.type === "input") {
      if (event.target.type !== "number") {
        for (const error of place.querySelectorAll(".field-error")) error.hidden = true;
        for (const wrong of place.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
      } else if (place.matches("fieldset")) place.lastElementChild.hidden = true;
    }
    this.#show();
    this.onChange();
  }

  /** Only what the task and the restorer take. */
  #show() {
    const restores = this.task === "restore";
    const takes = restores ? this.#takes() : new Set();
    for (const name of ["fidelity", "psf", "iterations", "tv", "balance", "linear_light", "restore_anyway"]) {
      this.#parts[name].hidden = !takes.has(name);
    }
    this.#parts.restorer.hidden = !restores;
    for (const name of ["format", "quality", "metadata"]) this.#parts[name].hidden = this.#looks;
    const chosen = this.#about.restorers.find((each) => each.name === this.#restorer.value);
    const summary = ended(chosen?.summary);
    this.#parts.restorer.querySelector(".hint").textContent = chosen?.default ? `${summary} Recommended.` : summary;
    byId("choices-now").textContent = this.words;
  }
}
