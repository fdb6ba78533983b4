import { createHash } from "node:crypto";
import { once } from "node:events";
import { realpath, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ClusterError } from "../cluster-error.ts";

/** Held until it is disposed of, or until its process ends in whatever way. */
export type FolderLock = AsyncDisposable;

/**
 * Takes a folder for this process. The lock is a listening socket that is named after the folder, so
 * the kernel gives it back even after SIGKILL, and whoever finds it taken can ask by whom
 * (docs/decisions/0041). Holds among the programs of one machine and network namespace.
 *
 * @throws {ClusterError} `already-running`, with the process id of who has it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const address = addressOf(await realpath(folder));
  try {
    return await listen(address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
  }
  const holder = await ask(address);
  if (holder !== undefined) {
    throw new ClusterError("already-running", `${folder} is in use by process ${holder}`);
  }
  // Nobody answers: a file that a killed process left. Linux and Windows leave none.
  await unlink(address).catch(() => {});
  return listen(address);
}

function addressOf(path: string): string {
  const name = `quorate-${createHash("sha256").update(path).digest("hex").slice(0, 32)}`;
  if (process.platform === "linux") return `\0${name}`; // the abstract namespace: no file at all
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

async function listen(address: string): Promise<FolderLock> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(String(process.pid));
  });
  server.listen(address);
  await once(server, "listening");
  server.unref(); // holding a folder is no reason to go on
  return { [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, "close");
}

async function ask(address: string): Promise<string | undefined> {
  try {
    return await text(connect(address));
  } catch {
    return undefined;
  }
}
