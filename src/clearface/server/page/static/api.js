// Everything that is said to the server.

/** What the server, or the way to it, answered instead of what was asked for. */
export class Refusal extends Error {
  /**
   * @param {string} sentence for people
   * @param {number} status of HTTP; 0 where the server was not reached
   * @param {{fields?: Record<string, string[]>, retryAfter?: number}} [more]
   */
  constructor(sentence, status, { fields = {}, retryAfter = 0 } = {}) {
    super(sentence);
    this.status = status;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }

  /** Whether trying the same again may help. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Whether the same may do later, though not at once: the way to the server, or the server itself, is at fault. */
  get later() {
    return this.passing || this.status >= 500;
  }

  /** Whether what was asked for is no longer there. */
  get gone() {
    return this.status === 404 || this.status === 410;
  }
}

/** Where the API begins, also where a proxy serves the page from a folder. */
export const API = new URL("../api/v1", import.meta.url).pathname;

const AWAY = "The server cannot be reached";
const TOKEN = "clearface-token";

function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  remember(given);
  history.replaceState(null, "", location.pathname + location.search);
}

let token = null;
try {
  token = sessionStorage.getItem(TOKEN);
} catch {
  // Storage is switched off: the token is asked for again after a reload.
}
takeToken();

function remember(given) {
  token = given;
  try {
    sessionStorage.setItem(TOKEN, given);
  } catch {
    // As above.
  }
}

let asking = null;
let askForToken = async () => null;

/** Tells how a person is asked for a token: a function that answers with one. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

/** Asks for another token than `refused`, once for all that wait for it. */
async function newToken(refused) {
  if (token !== refused) return;
  asking ??= askForToken(refused !== null).finally(() => {
    asking = null;
  });
  const given = await asking;
  if (given !== null) remember(given);
}

/** Asks for a token until there is one that the server takes. */
export async function ensureToken() {
  if (token === null) await newToken(null);
  // Nothing is changed by this question, and it is answered only to those who may ask; all else is told when it matters.
  await ask(`${API}/jobs`, { method: "OPTIONS" }).catch(() => {});
}

const authorization = (known) => (known === null ? {} : { Authorization: `Bearer ${known}` });

/** The same address, asking the server not to count this as the one time it is fetched. */
export function kept(address) {
  const url = new URL(address, location.origin);
  url.searchParams.set("keep", "true");
  return url.pathname + url.search;
}

async function refusalOf(response) {
  let told = {};
  try {
    told = JSON.parse(await response.text());
  } catch {
    // Whoever answered was not clearface: a proxy, say.
  }
  return refusal(response.status, response.headers.get("Retry-After"), told);
}

function refusal(status, retryAfter, told) {
  const sentence = typeof told?.error === "string" ? told.error : `The server answered with error ${status}`;
  return new Refusal(sentence, status, { fields: told?.fields ?? {}, retryAfter: Math.max(0, Number(retryAfter) || 0) });
}

/**
 * Fetches; asks for a token where one is needed. Throws Refusal for any answer but a good one.
 * @returns {Promise<Response>}
 */
export async function ask(address, options = {}) {
  for (;;) {
    const used = token;
    let response;
    try {
      response = await fetch(address, {
        cache: "no-store",
        ...options,
        headers: { ...authorization(used), ...options.headers },
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal(AWAY, 0);
    }
    if (response.status === 401) {
      await newToken(used);
      continue;
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

export const askJson = async (address, options) => (await ask(address, options)).json();

export async function askBlob(address, options) {
  const response = await ask(address, options);
  try {
    return await response.blob();
  } catch {
    throw new Refusal(AWAY, 0);
  }
}

/**
 * Hands photos in, as fetch cannot tell how far an upload is.
 * @param {FormData} form
 * @param {(share: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<object>} the job
 */
export async function handIn(form, onProgress, signal) {
  for (;;) {
    const used = token;
    const answer = await send(form, used, onProgress, signal);
    if (answer.status === 401) {
      await newToken(used);
      continue;
    }
    let told = null;
    try {
      told = JSON.parse(answer.responseText);
    } catch {
      // As in refusalOf.
    }
    if (answer.status >= 200 && answer.status < 300 && told !== null) return told;
    throw refusal(answer.status, answer.getResponseHeader("Retry-After"), told);
  }
}

function send(form, used, onProgress, signal) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${API}/jobs`);
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(authorization(used))) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => fail(new Refusal(AWAY, 0)));
    request.addEventListener("abort", () => fail(new DOMException("Taken back", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** Forgets a job, even while the page is being left. */
export function forget(job) {
  // Nothing is to be done where this fails: the server forgets by itself in a while.
  fetch(job.links.self, { method: "DELETE", headers: authorization(token), keepalive: true }).catch(() => {});
}
