import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** How a child process is run. */
export interface CommandOptions {
  readonly cwd: string;
  /** Killed with all its children after so long. */
  readonly timeoutMs: number;
  /** Written to its standard input. */
  readonly input?: string;
}

/** What a child process did. */
export interface CommandResult {
  /** Both outputs and the reason of its end: what a failed assertion should show. */
  readonly report: string;
  readonly stdout: string;
  readonly exitCode: number | null;
}

/** Runs a program to its end. Resolves whatever its exit code is; rejects when it cannot start. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  // A group of its own, so that a timeout takes its children along.
  const child = spawn(program, args, { cwd: options.cwd, detached: true });
  let reason = "";
  const timeout = setTimeout(() => {
    reason = `killed after ${options.timeoutMs} ms`;
    killGroup(child);
  }, options.timeoutMs);
  child.stdin.on("error", () => {}).end(options.input ?? "");
  try {
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    const [stdout, stderr] = await output;
    const ending = reason || `exit code ${child.exitCode ?? child.signalCode}`;
    const report = [`${program} ${args.join(" ")}: ${ending}`, stdout, stderr].join("\n");
    return { report, stdout, exitCode: child.exitCode };
  } finally {
    clearTimeout(timeout);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}
