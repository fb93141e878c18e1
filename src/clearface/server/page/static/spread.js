// The blur to undo, put together from a kind and its numbers, with a drawing of it.

import { element } from "./dom.js";

/** For each kind: what it is called, and its numbers in the order the API takes them. */
const KINDS = {
  estimated: ["Each face’s own, estimated", []],
  motion: [
    "Motion",
    [
      { name: "Length", unit: "px", least: 1, most: 100, step: 0.5, value: 15 },
      { name: "Angle", unit: "°", least: 0, most: 180, step: 1, value: 0 },
    ],
  ],
  disc: ["Out of focus (disc)", [{ name: "Radius", unit: "px", least: 0.5, most: 50, step: 0.5, value: 4 }]],
  gaussian: ["Soft (Gaussian)", [{ name: "Deviation", unit: "px", least: 0.1, most: 30, step: 0.1, value: 2 }]],
  box: ["Even average (box)", [{ name: "Side", unit: "px", least: 1, most: 101, step: 1, value: 5 }]],
};

/**
 * @param {(bounds: object) => HTMLInputElement} number makes an input
 * @param {(option: null, label: string, control: HTMLElement) => HTMLElement} field puts a label to it
 * @returns {{fieldset: HTMLFieldSetElement, value: string, words: string}} the value as the option `psf` takes it, and for people
 */
export function spreadField(number, field) {
  const kind = element(
    "select",
    { id: "spread-kind" },
    ...Object.entries(KINDS).map(([name, [words]]) => element("option", { value: name, text: words })),
  );
  const groups = new Map(
    Object.entries(KINDS).map(([name, [, numbers]]) => {
      const inputs = numbers.map(number);
      const fields = inputs.map((input, index) => field(null, `${numbers[index].name} (${numbers[index].unit})`, input));
      return [name, { inputs, row: element("div", { class: "numbers" }, ...fields) }];
    }),
  );
  const drawing = element("canvas", { class: "spread-drawing", width: 144, height: 144, "aria-hidden": "true" });
  const rows = [...groups.values()].map(({ row }) => row);
  const fieldset = element(
    "fieldset",
    { class: "spread", data: { option: "psf" } },
    element("legend", { text: "Blur to undo" }),
    element("div", { class: "field" }, element("label", { for: kind.id, text: "Kind" }), kind),
    element("div", { class: "spread-row" }, element("div", { class: "spread-numbers" }, ...rows), drawing),
    element("p", { class: "field-error", hidden: true }),
  );
  const numbersOf = () => groups.get(kind.value).inputs.map((input) => input.value);
  const show = () => {
    for (const [name, { row }] of groups) row.hidden = name !== kind.value;
    fieldset.querySelector(".spread-row").hidden = kind.value === "estimated";
    draw(drawing, kind.value, numbersOf().map(Number));
  };
  fieldset.addEventListener("input", show);
  fieldset.addEventListener("change", show);
  show();
  return {
    fieldset,
    get value() {
      const numbers = numbersOf();
      return numbers.length ? `${kind.value}:${numbers.join(",")}` : kind.value;
    },
    get words() {
      const [name, numbers] = KINDS[kind.value];
      const values = numbersOf().map((value, index) => `${value}${numbers[index].unit === "°" ? "°" : ` ${numbers[index].unit}`}`);
      return `blur: ${[name.toLowerCase(), ...values].join(" ")}`;
    },
  };
}

/** White on black, a grid cell a pixel of the photo as long as those can be told apart. */
function draw(canvas, kind, [first = 0, second = 0]) {
  const context = canvas.getContext("2d");
  const side = canvas.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  const extent = { box: first, gaussian: 6 * first, motion: first, disc: 2 * first }[kind] ?? 0;
  if (!(extent > 0)) return;
  const scale = Math.min(side / 9, (0.82 * side) / extent);
  context.translate(side / 2, side / 2);
  context.scale(scale, scale);
  context.fillStyle = "#fff";
  if (kind === "box") context.fillRect(-first / 2, -first / 2, first, first);
  if (kind === "disc") {
    context.beginPath();
    context.arc(0, 0, first, 0, 2 * Math.PI);
    context.fill();
  }
  if (kind === "gaussian") {
    const glow = context.createRadialGradient(0, 0, 0, 0, 0, 3 * first);
    for (let part = 0; part <= 1; part += 0.1) glow.addColorStop(part, `rgb(255 255 255 / ${Math.exp(-4.5 * part * part)})`);
    context.fillStyle = glow;
    context.fillRect(-3 * first, -3 * first, 6 * first, 6 * first);
  }
  if (kind === "motion") {
    context.rotate((-second * Math.PI) / 180);
    context.fillRect(-first / 2, -0.5, first, 1);
  }
}
