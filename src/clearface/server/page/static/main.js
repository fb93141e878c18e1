// Puts the page together.

import { API, askJson, ensureToken, onTokenNeeded, Refusal } from "./api.js";
import { Choices } from "./choices.js";
import { byId, pause, save, toast } from "./dom.js";
import { FaceDialog } from "./face_dialog.js";
import { Gallery, summaryOf } from "./gallery.js";
import { listen } from "./intake.js";
import { Strip } from "./strip.js";
import { bytes, ended } from "./words.js";

const COLOURS = { system: ["Auto", "as the system"], light: ["Light", "light"], dark: ["Dark", "dark"] };

listenToTheme();
onTokenNeeded(askForToken);
start();

async function start() {
  const about = await learn();
  if (about.token_required) await ensureToken();
  const choices = new Choices(about, byId("choices"));
  const faces = new FaceDialog((card, face, restored) => gallery.tick(card, face, restored));
  const gallery = new Gallery(about, choices, byId("cards"), (card, face) => faces.open(card, face));
  const strip = new Strip(byId("strip"));
  describe(about);
  fold();

  const show = () => {
    const filled = gallery.cards.length > 0;
    document.body.dataset.filled = filled ? "yes" : "no";
    byId("results").hidden = !filled;
    byId("summary").textContent = summaryOf(gallery);
    byId("download-all").hidden = gallery.cards.length < 2;
    byId("download-all").disabled = gallery.done.length === 0;
    const some = gallery.done.length > 0 && gallery.cards.some((card) => card.underWay);
    byId("download-all").textContent = some ? `Download ${gallery.done.length} so far (zip)` : "Download all (zip)";
    strip.show(gallery.cards);
    byId("copy-json").disabled = gallery.reports.length === 0;
    byId("again").hidden = gallery.stale === null;
    byId("again-why").textContent = gallery.stale ?? "";
    faces.refresh();
  };
  gallery.onChange = show;
  choices.onChange = show;

  listen(async (files) => {
    const first = gallery.cards.length === 0;
    await gallery.add(files);
    if (first && (document.activeElement === document.body || document.activeElement?.offsetParent === null)) {
      byId("results-title").focus({ preventScroll: true });
    }
    if (first) scrollTo({ top: 0 });
  });
  byId("redo").addEventListener("click", () => {
    gallery.redo();
    byId("results-title").focus({ preventScroll: true });
  });
  const clear = () => {
    gallery.clear();
    byId("choose").focus();
  };
  byId("start-over").addEventListener("click", () => {
    if (gallery.unsaved) byId("clear-dialog").showModal();
    else clear();
  });
  byId("clear-form").addEventListener("submit", (event) => event.submitter?.value === "clear" && setTimeout(clear));
  addEventListener("beforeunload", (event) => gallery.unsaved && event.preventDefault());
  byId("download-all").addEventListener("click", () => gallery.downloadAll());
  byId("copy-json").addEventListener("click", () => copy(JSON.stringify(gallery.reports, null, 2)));
  addEventListener("pagehide", () => gallery.leave());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.documentElement.dataset.ready = "yes";
}

/** What the server offers; asked for until it answers. */
async function learn() {
  for (;;) {
    try {
      return await askJson(`${API}/about`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId("accepted").textContent = `${ended(error.message)} Trying again.`;
      await pause(error.retryAfter || 3);
    }
  }
}

function describe(about) {
  const input = byId("files");
  input.accept = about.accept;
  const most = `up to ${bytes(about.limits.bytes)} each`;
  byId("accepted").textContent = `${about.kinds.join(", ")}; ${most}`;
  const minutes = Math.max(1, Math.round(about.keep_minutes));
  byId("keeping").textContent = minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** On a phone the choices are folded away. */
function fold() {
  const wide = matchMedia("(min-width: 60rem)");
  const set = () => {
    byId("choices-fold").open = wide.matches;
  };
  wide.addEventListener("change", set);
  set();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("The JSON is in your clipboard.");
  } catch {
    // Browsers give the clipboard to secure pages only.
    save(new Blob([text], { type: "application/json" }), "clearface.json");
    toast("The browser does not let this page use the clipboard, so the JSON is a file.");
  }
}

/** Asks a person for the token. */
function askForToken(wasWrong) {
  const dialog = byId("token-dialog");
  const why = byId("token-why");
  if (wasWrong) why.textContent = "That token is not the right one. Whoever runs this server can give you one.";
  byId("token").value = "";
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  return new Promise((done) => {
    byId("token-form").addEventListener("submit", () => done(byId("token").value.trim()), { once: true });
  });
}

function listenToTheme() {
  const root = document.documentElement;
  const button = byId("theme");
  const show = () => {
    const [word, words] = COLOURS[root.dataset.theme ?? "system"];
    byId("theme-word").textContent = word;
    button.setAttribute("aria-label", `Colours: ${words}`);
  };
  button.addEventListener("click", () => {
    const names = Object.keys(COLOURS);
    const next = names[(names.indexOf(root.dataset.theme ?? "system") + 1) % names.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem("clearface-colours");
      else localStorage.setItem("clearface-colours", next);
    } catch {
      // Storage is switched off: the colours last until the page is left.
    }
    show();
  });
  show();
}
