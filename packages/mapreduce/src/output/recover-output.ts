import { join, resolve } from "node:path";
import { FileSystemError } from "@quorate/runtime";
import type { Disk } from "../disk/disk.ts";
import { outputNames, type OutputNames, SUCCESS_NAME } from "./output-names.ts";

/**
 * Finishes the replacement of an output that a crash interrupted. Called at the start of each job
 * that writes or reads the folder; without an interrupted replacement it does nothing.
 *
 * From the moment that the intent is durable the new output is the one that counts; it takes the old
 * one's name in two renames, between which there is nothing of that name. Any process may carry that
 * on, also beside another one that is at it: each step is one rename that does nothing when it was
 * done before, and what was replaced is looked at before it is removed.
 *
 * @param output the output's folder, absolute or relative to the process's.
 * @throws {FileSystemError} when the disk fails; it may be called again.
 */
export function recoverOutput(disk: Disk, output: string): void {
  const names = outputNames(resolve(output));
  const job = readIntent(disk, names.intent);
  if (job !== undefined) finishReplacement(disk, names, job);
}

/** Makes the replacement by `job` durable; nothing is changed before it returns. */
export function writeIntent(disk: Disk, names: OutputNames, job: string): void {
  const draft = names.draft(job);
  disk.remove(draft);
  const file = disk.create(draft);
  try {
    file.append(Buffer.from(JSON.stringify({ job })));
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(draft, names.intent);
  disk.syncFolder(names.parent);
}

/** Carries out what the intent says, from wherever it was left, and removes it in the end. */
export function finishReplacement(disk: Disk, names: OutputNames, job: string): void {
  const staging = names.staging(job);
  const replaced = names.replaced(job);
  if (disk.exists(staging)) {
    moveAside(disk, names.output, replaced);
    renameIfThere(disk, staging, names.output);
  }
  // Somebody else was faster by both renames, so that ours moved the new output away: undo it.
  if (!disk.exists(names.output)) renameIfThere(disk, replaced, names.output);
  // Before anything is removed: programs that know no note must not find half of the old output.
  disk.syncFolder(names.parent);
  removeReplaced(disk, names, job);
  disk.syncFolder(names.parent); // who finds no note looks for no rest of the old output
  disk.remove(names.intent);
  disk.syncFolder(names.parent);
}

function moveAside(disk: Disk, output: string, replaced: string): void {
  try {
    renameIfThere(disk, output, replaced);
  } catch (error) {
    // The old output is there already: it was moved by somebody else.
    if (!disk.exists(replaced)) throw error;
  }
}

/** By a name of its own, so that nothing can be moved into what is being removed. */
function removeReplaced(disk: Disk, names: OutputNames, job: string): void {
  const replaced = names.replaced(job);
  const doomed = `${replaced}.removed`;
  if (disk.exists(replaced) && !isOutputOf(disk, replaced, job)) {
    disk.remove(doomed);
    renameIfThere(disk, replaced, doomed);
  }
  disk.remove(doomed);
}

function renameIfThere(disk: Disk, from: string, to: string): void {
  try {
    disk.rename(from, to);
  } catch (error) {
    if (!(error instanceof FileSystemError && error.code === "not-found")) throw error;
  }
}

/** Whether a folder is what `job` committed. */
export function isOutputOf(disk: Disk, folder: string, job: string): boolean {
  const success = readIfThere(disk, join(folder, SUCCESS_NAME));
  return success !== undefined && jobIn(success) === job;
}

function readIntent(disk: Disk, path: string): string | undefined {
  const intent = readIfThere(disk, path);
  if (intent === undefined) return undefined;
  const job = jobIn(intent);
  if (job !== undefined) return job;
  throw new FileSystemError("io-error", path, `${path} is damaged: it names no job`);
}

/** `undefined` for what another program wrote. */
function jobIn(text: string): string | undefined {
  try {
    const { job } = JSON.parse(text) as { readonly job?: unknown };
    return typeof job === "string" ? job : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(disk: Disk, path: string): string | undefined {
  if (!disk.exists(path)) return undefined;
  try {
    const file = disk.open(path);
    try {
      const bytes = Buffer.alloc(file.size);
      file.read(bytes, 0);
      return bytes.toString();
    } finally {
      file.close();
    }
  } catch (error) {
    // Another process was faster than this one by a moment.
    if (error instanceof FileSystemError && error.code === "not-found") return undefined;
    throw error;
  }
}
