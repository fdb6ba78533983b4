import type { ProcessMessage } from "../cluster/process-message.ts";

const EXIT_FAILED = 1;

/** Why a process of the cluster should end. */
export type EndReason = "orphaned" | "told";

/**
 * The life of a process that the cluster starts: it says that it is ready, and ends when whoever
 * started it disconnects or ends (`orphaned`), or by SIGTERM (`told`).
 */
export async function liveAsChild<T>(
  start: () => Promise<T>,
  end: (started: T, why: EndReason) => Promise<void>,
): Promise<void> {
  process.on("uncaughtException", die);
  // Ctrl-C reaches all processes of a terminal; the one that started this one decides what it means.
  process.on("SIGINT", () => {});
  // Without whoever started it no process goes on: none stays behind, however its parent ended.
  const orphaned = new Promise<EndReason>((resolve) => {
    process.once("disconnect", () => resolve("orphaned"));
  });
  if (process.send && !process.connected) die(new Error("the process that started it is gone"));
  const told = new Promise<EndReason>((resolve) => {
    process.once("SIGTERM", () => resolve("told"));
  });
  const started = await start().catch(die);
  process.send?.("ready" satisfies ProcessMessage);
  await end(started, await Promise.race([orphaned, told]));
  process.exit(0);
}

/** The message comes last: that line is what the one that started this process shows. */
export function die(error: Error): never {
  process.stderr.write(`${error.stack}\n${error.message}\n`);
  process.exit(EXIT_FAILED);
}
