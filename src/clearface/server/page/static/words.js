// What the page says of numbers and states.

const units = ["bytes", "kB", "MB", "GB"];

/** A size of a file, such as "2.4 MB". */
export function bytes(count) {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** "1 face", "3 faces". */
export const count = (number, thing, things = `${thing}s`) => `${number.toLocaleString("en")} ${number === 1 ? thing : things}`;

export const percent = (share) => `${Math.round(100 * share)}%`;

/** The time of day of a date. */
export const clock = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const steps = {
  reading: "Reading the photo",
  finding: "Finding faces",
  restoring: "Restoring faces",
  identifying: "Naming faces",
  hiding: "Hiding faces",
  writing: "Writing the result",
};

/** What is being done with a photo. */
export const stepWords = (step) => steps[step] ?? "Working";

const verdicts = {
  restored: ["Restored", "Its blur was undone."],
  sharp: ["Sharp already", "There is no blur to undo, so it was left as it was."],
  "too-far-gone": ["Too far gone", "Too little is left of it to tell how it looked, so it was left as it was."],
  "left-on-request": ["Left as it was", "You asked for this face to stay as it was."],
};

/** A verdict on a face: in brief, and why. */
export function verdictWords(face) {
  if (face.identity) return identityWords(face.identity);
  if (face.hidden) return ["Hidden", "Nobody can bring it back."];
  if (!face.verdict) return ["Found", "This face was found; nothing was done to it."];
  const [brief, why] = verdicts[face.verdict] ?? [face.verdict, ""];
  if (["sharp", "too-far-gone"].includes(face.verdict) && !face.left_as_it_was) {
    return [`${brief}, restored anyway`, "It was restored all the same, as you asked."];
  }
  return [brief, why];
}

/** Who a face is said to be, and how far that is to be trusted. */
function identityWords({ name, probability, candidates, disagreement, decision, expected }) {
  const tied = decision === "tied" && `Tied: ${candidates.map((each) => each.name).join(" or ")}`;
  const brief = name ? `Probability ${percent(probability)}` : tied || "Unknown";
  return [brief, `${ended(disagreement)} ${ended(expected.words)}`];
}

/** Faces of a lower score are often none. */
export const DOUBTFUL = 0.5;

/** How certain, in words. */
export function certaintyWords(share) {
  if (share >= 0.85) return "very certain";
  if (share >= 0.65) return "fairly certain";
  if (share >= 0.4) return "not very certain";
  return "a guess";
}

/** How well a result explains what was seen. */
export function consistencyWords(share) {
  if (share >= 0.95) return "very well";
  if (share >= 0.85) return "well";
  if (share >= 0.7) return "partly";
  return "poorly";
}

/** What became of a photo, in one line; of faces pasted anew without the time, which is that of pasting alone. */
export function outcomeWords(report, revision = 0) {
  const faces = report.faces ?? [];
  const seconds = revision ? 0 : Object.values(report.seconds ?? {}).reduce((sum, value) => sum + value, 0);
  const took = seconds ? ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s` : "";
  const out = report.left_out ? `, ${report.left_out} more not selected` : "";
  if (report.status === "hidden") return `${count(faces.filter((face) => face.hidden).length, "face")} hidden${took}${out}`;
  if (!faces.length) return report.left_out ? `No face among those you asked for (${report.left_out} found)` : "No face found";
  if (["detected", "identified"].includes(report.status)) return `${count(faces.length, "face")} found${took}${out}`;
  const done = faces.filter((face) => !face.left_as_it_was).length;
  const told = done ? [`${count(done, "face")} restored${took}`] : [];
  const of = (verdict) => faces.filter((face) => face.left_as_it_was && face.verdict === verdict).length;
  for (const [verdict, words] of [
    ["sharp", "sharp already"],
    ["too-far-gone", "too far gone"],
    ["left-on-request", "left as asked"],
  ]) {
    if (of(verdict)) told.push(told.length ? `${of(verdict)} ${words}` : `${count(of(verdict), "face")} ${words}`);
  }
  return told.join(", ") + out;
}

const sizes = (box) => [Math.round(box[2] - box[0]), Math.round(box[3] - box[1])];

/** The size of a face, such as "92 × 114 px". */
export function faceSize(face) {
  const [width, height] = sizes(face.box);
  return `${width} × ${height} px`;
}

/** What a face is called where there may be several frames. */
export const faceName = ({ number, frame, name }, frames) =>
  `Face ${number}${frames > 1 ? ` of frame ${frame}` : ""}${name ? `: ${name}` : ""}`;

/** A sentence of the server's, begun and ended as a sentence on a page is. */
export function ended(sentence) {
  const given = String(sentence ?? "").trim();
  const text = given.charAt(0).toUpperCase() + given.slice(1);
  return !text || /[.!?…]$/.test(text) ? text : `${text}.`;
}
