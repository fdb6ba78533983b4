import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { NodeProcess } from "../node-process.ts";
import { runCommand, whyNot } from "../system-command.ts";
import { drawVictim, type Fault } from "./fault.ts";

const MAX_JUMP_SECONDS = 86_400;
const RATES = [0.5, 1, 2];
const RIGHT = "+0";

/**
 * A node's wall clock jumps up to a day either way and may run at another rate, by libfaketime; its
 * monotonic clock goes on, as the kernel's does when somebody sets the time. Healed by a jump back.
 */
export const clock: Fault = {
  unavailable: () => whyNot(libraryPath),
  prepare: async (node) => {
    await setClock(node, RIGHT);
    Object.assign(node.environment, {
      LD_PRELOAD: await libraryPath(),
      FAKETIME_TIMESTAMP_FILE: clockFile(node),
      FAKETIME_CACHE_DURATION: "1", // seconds
      DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1", // the same for newer versions
    });
  },
  inject: async (context) => {
    const victim = await drawVictim(context);
    await setClock(victim, drawClock(context.random));
    return () => setClock(victim, RIGHT);
  },
  release: ({ pids }) => {
    // What libfaketime leaves behind of a process that was killed.
    for (const pid of pids) {
      rmSync(`/dev/shm/faketime_shm_${pid}`, { force: true });
      rmSync(`/dev/shm/sem.faketime_sem_${pid}`, { force: true });
    }
  },
};

function drawClock(random: Random): string {
  const seconds = integerBetween(random, -MAX_JUMP_SECONDS, MAX_JUMP_SECONDS);
  const rate = pick(random, RATES);
  return `${seconds < 0 ? "" : "+"}${seconds} x${rate}`;
}

function clockFile({ volume }: NodeProcess): string {
  return `${volume.directory}.clock`;
}

async function setClock(node: NodeProcess, to: string): Promise<void> {
  await writeFile(clockFile(node), `${to}\n`);
}

/** What `faketime` itself would preload. */
async function libraryPath(): Promise<string> {
  const printed = await runCommand("faketime", "-m", "-f", RIGHT, "printenv", "LD_PRELOAD");
  return printed.trim();
}
