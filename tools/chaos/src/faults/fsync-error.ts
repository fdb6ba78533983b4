import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { integerBetween } from "@quorate/runtime";
import { pause } from "../pause.ts";
import { runCommand, whyNot } from "../system-command.ts";
import { drawVictim, type Fault } from "./fault.ts";

/** All by which a node makes bytes durable: the log writes through a file opened with O_DSYNC. */
const CALLS = "fsync,fdatasync,pwrite64,pwritev";
/** Of each thread, so many calls succeed at most before the first that fails. */
const MAX_GOOD_CALLS = 20;
const DEATH_TIMEOUT_MS = 10_000;

/**
 * From some moment on, each durable write of one node fails with EIO, by strace. It must stop: what
 * a failed sync leaves is unknown, and the next one may claim success (Rebello et al., USENIX ATC
 * 2020). Healed by a start from what is on disk.
 */
export const fsyncError: Fault = {
  unavailable: () => whyNot(tryToAttach),
  inject: async (context) => {
    const { cluster, random, signal } = context;
    const when = integerBetween(random, 1, MAX_GOOD_CALLS);
    const victim = await drawVictim(context);
    victim.start(); // if it has just died by itself
    victim.expectDeath();
    const strace = await attach(victim.pid, `inject=${CALLS}:error=EIO:when=${when}+`);
    return async () => {
      // Without clients, who leave when the run ends, it may have nothing to write.
      await Promise.race([victim.ended, pause(DEATH_TIMEOUT_MS, signal)]);
      if (victim.pid !== undefined && !signal.aborted) {
        cluster.crashes.push({ node: victim.id, reason: "goes on though no write is durable" });
      }
      await victim.kill(); // strace ends with it
      await strace.ended;
      victim.start();
    };
  },
};

/** @throws {Error} why strace cannot trace a process that runs already. */
async function tryToAttach(): Promise<void> {
  await runCommand("strace", "-V");
  const idle = spawn("sleep", ["10"], { stdio: "ignore" });
  try {
    await attach(idle.pid, `inject=${CALLS}:error=EIO`);
  } finally {
    idle.kill("SIGKILL");
  }
}

/** Resolves once each thread of the process is traced. @throws {Error} what strace said instead. */
async function attach(
  pid: number | undefined,
  inject: string,
): Promise<{ readonly ended: Promise<unknown> }> {
  const options = ["-f", "-o", "/dev/null", "-e", `trace=${CALLS}`, "-e", inject];
  const strace: ChildProcess = spawn("strace", [...options, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "close");
  const [said] = await Promise.race([once(strace.stderr!, "data"), ended]);
  if (!/attached/.test(String(said))) throw new Error(String(said).trim().split("\n")[0]);
  return { ended };
}
