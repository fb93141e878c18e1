// Following a job: by server-sent events where they come through, by asking every now and then where they do not.

import { ask, askJson, Refusal } from "./api.js";
import { pause } from "./dom.js";

const MOST_STREAMS = 2; // Browsers open six connections to a server; pictures need some too.
const SILENCE = 25; // Seconds; the server says something every ten.
const BETWEEN = 1.5; // Seconds between two questions.

let streams = 0;

/**
 * The events of a stream of bytes, as they come in.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{name: string, data: string} | null>} null for a sign of life
 */
export async function* parsed(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  let name = "message";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (held + value).split(/\r\n|\n|\r(?!$)/);
      held = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length || name !== "message") yield { name, data: data.join("\n") };
          name = "message";
          data = [];
        } else if (line.startsWith(":")) {
          yield null;
        } else {
          const [, field, text] = /^([^:]*):? ?(.*)$/s.exec(line);
          if (field === "event") name = text;
          if (field === "data") data.push(text);
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

const over = (job) => job.state === "done" || job.state === "failed";

/**
 * Tells of every change until the job is over. Throws Refusal once the job is gone.
 * @param {object} job
 * @param {{job: (job: object) => void, photo: (photo: object) => void, away: (refusal: Refusal | null) => void}} tell
 * @param {AbortSignal} signal
 */
export async function follow(job, tell, signal) {
  let broken = 0;
  while (!signal.aborted) {
    if (streams < MOST_STREAMS && broken < 3) {
      try {
        if (!(await stream(job, tell, signal))) broken += 1;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal && error.gone) throw error;
        broken += 1;
      }
    }
    try {
      const now = await askJson(job.links.self, { signal });
      tell.away(null);
      tell.job(now);
      if (over(now)) return;
      if (streams >= MOST_STREAMS || broken) await pause(BETWEEN);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal) || !error.passing) throw error;
      tell.away(error);
      broken = 0;
      await pause(error.retryAfter || 3);
    }
  }
}

/** Whether the stream went on until the job was over. */
async function stream(job, tell, signal) {
  const silence = new AbortController();
  let timer = null;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE * 1000);
  };
  streams += 1;
  heard();
  try {
    const response = await ask(job.links.events, {
      headers: { Accept: "text/event-stream" },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    for await (const event of parsed(response.body)) {
      heard();
      tell.away(null);
      if (event?.name === "job") tell.job(JSON.parse(event.data));
      if (event?.name === "photo") tell.photo(JSON.parse(event.data));
      if (event?.name === "end") return JSON.parse(event.data).state !== null;
    }
    return false;
  } finally {
    clearTimeout(timer);
    streams -= 1;
  }
}
