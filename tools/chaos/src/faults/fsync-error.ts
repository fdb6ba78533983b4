import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { drawVictim, type Fault } from "./fault.ts";

const run = promisify(execFile);

/**
 * Each fsync and fdatasync of one node fails with EIO, by strace. The node must acknowledge nothing
 * that it relied on; that it dies is expected. Healed by a start from what is on disk.
 */
export const fsyncError: Fault = {
  unavailable: async () => {
    try {
      await run("strace", ["-o", "/dev/null", "true"]);
      return undefined;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      return isMissing ? "strace is not installed" : "strace may not trace processes here";
    }
  },
  inject: async (context) => {
    const victim = await drawVictim(context);
    if (victim.pid === undefined) throw new Error(`${victim.id} is down before its fault`);
    victim.expectDeath();
    const strace = spawn(
      "strace",
      ["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"].concat([
        "-e",
        "inject=fsync,fdatasync:error=EIO",
        "-p",
        String(victim.pid),
      ]),
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = once(strace, "exit");
    // What it says first is that it has attached.
    await Promise.race([once(strace.stderr, "data"), ended]);
    return async () => {
      strace.kill("SIGTERM");
      await ended;
      await victim.kill();
      victim.start();
    };
  },
};
