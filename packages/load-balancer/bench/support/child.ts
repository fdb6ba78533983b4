import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A script of this folder in a process of its own, which says on which port it listens. */
export interface Child {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startChild(script: string, args: readonly string[] = []): Promise<Child> {
  const child: ChildProcess = fork(fileURLToPath(new URL(script, import.meta.url)), [...args], {
    execArgv: ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"],
  });
  const [port] = (await once(child, "message")) as [number];
  const stop = async (): Promise<void> => {
    const exited = once(child, "exit");
    child.disconnect();
    await exited;
  };
  return { pid: child.pid ?? 0, port, stop };
}
