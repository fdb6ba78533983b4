import { spawn } from "node:child_process";
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
  unavailable: () => whyNot(() => runCommand("strace", "-f", "-o", "/dev/null", "true")),
  inject: async (context) => {
    const { cluster, random, signal } = context;
    const when = integerBetween(random, 1, MAX_GOOD_CALLS);
    const victim = await drawVictim(context);
    victim.expectDeath();
    const inject = `inject=${CALLS}:error=EIO:when=${when}+`;
    const strace = spawn(
      "strace",
      ["-f", "-o", "/dev/null", "-e", `trace=${CALLS}`, "-e", inject, "-p", String(victim.pid)],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = once(strace, "exit");
    // What it says first is that it has attached.
    await Promise.race([once(strace.stderr, "data"), ended]);
    return async () => {
      // Without clients, who leave when the run ends, it may have nothing to write.
      await Promise.race([victim.ended, pause(DEATH_TIMEOUT_MS, signal)]);
      if (victim.pid !== undefined && !signal.aborted) {
        cluster.crashes.push({ node: victim.id, reason: "goes on though no write is durable" });
      }
      await victim.kill();
      strace.kill("SIGTERM");
      await ended;
      victim.start();
    };
  },
};
