import { serve, type ServerType } from "@hono/node-server";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { JobProgress } from "../executors/job-progress.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { phaseName, progressInWords, shareDone } from "./progress-view.ts";

const HOST = "127.0.0.1";

/** How a phase of a job stands. */
interface PhaseStatus {
  readonly phase: string;
  readonly share: number;
  readonly words: string;
}

/** A page that shows how far a job is: `/`, and `/status` as JSON. On this machine only. */
export class StatusPage implements AsyncDisposable {
  readonly url: string;
  readonly #server: ServerType;
  readonly #phases: Map<string, PhaseStatus>;
  readonly #startedAtMs = new Map<string, number>();

  private constructor(url: string, server: ServerType, phases: Map<string, PhaseStatus>) {
    this.url = url;
    this.#server = server;
    this.#phases = phases;
  }

  /** @param port 0 for any. @throws {MapReduceError} `invalid-job` when it is not free. */
  static async start(job: string, port: number): Promise<StatusPage> {
    const phases = new Map<string, PhaseStatus>();
    const app = new Hono();
    app.get("/status", (context) => context.json({ job, phases: [...phases.values()] }));
    app.get("/", (context) => context.html(pageOf(job)));
    const server = serve({ fetch: app.fetch, hostname: HOST, port });
    try {
      await once(server, "listening");
    } catch (cause) {
      const message = `the status page cannot be at port ${port}: ${(cause as Error).message}`;
      throw new MapReduceError("invalid-job", message, { cause });
    }
    const { port: actual } = server.address() as AddressInfo;
    return new StatusPage(`http://${HOST}:${actual}/`, server, phases);
  }

  show(progress: JobProgress): void {
    const phase = phaseName(progress);
    const startedAtMs = this.#startedAtMs.get(phase) ?? progress.elapsedMs;
    this.#startedAtMs.set(phase, startedAtMs);
    const words = progressInWords(progress, progress.elapsedMs - startedAtMs);
    this.#phases.set(phase, { phase, share: shareDone(progress), words });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ("closeAllConnections" in this.#server) this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
  progress { width: 100%; height: 1.2rem }
  li { list-style: none; margin: 1.5rem 0 } ul { padding: 0 }`;

const SCRIPT = `
  const list = document.querySelector("ul");
  async function look() {
    try {
      const { phases } = await (await fetch("status")).json();
      list.replaceChildren(...phases.map(({ phase, share, words }) => {
        const item = document.createElement("li");
        const bar = document.createElement("progress");
        bar.value = share;
        item.append(phase, ": ", Math.floor(100 * share) + " %", bar, words);
        return item;
      }));
      setTimeout(look, 1000);
    } catch { document.querySelector("p").textContent = "The job has ended." }
  }
  look();`;

function pageOf(job: string): ReturnType<typeof html> {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${job}</title>
      ${raw(`<style>${STYLE}</style>`)}
      <h1>${job}</h1>
      <p></p>
      <ul></ul>
      ${raw(`<script type="module">${SCRIPT}</script>`)}
    </html>`;
}
