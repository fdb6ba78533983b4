import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { JobProgress } from "../executors/job-progress.ts";
import { loadJobModule } from "../executors/job-reference.ts";
import { runJob } from "../executors/run-job.ts";
import { shownProgress } from "./progress-view.ts";
import { planInWords } from "./plan-in-words.ts";
import { resultInWords } from "./result-in-words.ts";
import { type RunArguments, runOptions } from "./run-arguments.ts";
import { StatusPage } from "./status-page.ts";

/** @throws {MapReduceError} any of its codes. */
export async function runJobCommand(path: string, given: RunArguments): Promise<void> {
  const module = pathToFileURL(resolve(path));
  const options = runOptions(given);
  if (given.dryRun) {
    process.stdout.write(`${await planInWords(module, options, given.json ?? false)}\n`);
    return;
  }
  const { name } = await loadJobModule(module.href);
  using interrupt = interrupted();
  await using page =
    given.statusPort === undefined ? undefined : await StatusPage.start(name, given.statusPort);
  if (page) process.stderr.write(`status: ${page.url}\n`);
  const view = given.json ? undefined : shownProgress(process.stderr);
  try {
    const onProgress = (progress: JobProgress): void => {
      view?.show(progress);
      page?.show(progress);
    };
    const result = await runJob(module, { ...options, signal: interrupt.signal, onProgress });
    view?.end();
    process.stdout.write(`${given.json ? JSON.stringify(result) : resultInWords(result)}\n`);
  } finally {
    view?.end();
  }
}

/** The first Ctrl-C ends the job, which cleans up; the second this process, at once. */
function interrupted(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = (): void => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    controller.abort(new Error("interrupted"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
