import { resolve } from "node:path";
import picomatch from "picomatch";
import type { Disk } from "../disk/disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { recoverOutput } from "../output/recover-output.ts";
import { invalidInput } from "./input-error.ts";

/** What stands for standard input among paths. */
export const STANDARD_INPUT = "-";

/**
 * The files that paths stand for, absolute, in the order of the paths; of a folder or a glob, sorted.
 * A folder stands for the files in it and in the folders in it, but for names that begin with `_` or
 * `.`, which tools keep for themselves (`_SUCCESS`); so one job's output is the next one's input.
 * What an interrupted job left half replaced is put right first, see `recoverOutput`.
 *
 * @throws {MapReduceError} `invalid-input` for what is missing, cannot be read, or matches nothing.
 */
export function inputFiles(disk: Disk, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === STANDARD_INPUT) return [path];
    try {
      return filesOf(disk, path);
    } catch (error) {
      throw invalidInput(path, error);
    }
  });
}

function filesOf(disk: Disk, path: string): string[] {
  const absolute = resolve(path);
  recoverOutput(disk, absolute);
  // A name that is there is meant as it stands, also one with brackets in it.
  if (disk.isFolder(absolute)) return filesOfFolder(disk, path, absolute);
  if (disk.exists(absolute)) return [absolute];
  const { base, glob } = picomatch.scan(path);
  if (glob === "") {
    disk.open(absolute).close();
    return [absolute];
  }
  const matches = picomatch(glob);
  const root = resolve(base);
  const found = walk(disk, root).filter((file) => matches(file.slice(root.length + 1)));
  if (found.length > 0) return found;
  throw new MapReduceError(
    "invalid-input",
    `no file matches ${path}; check the pattern, it is relative to the folder that the job was started in`,
  );
}

function filesOfFolder(disk: Disk, path: string, absolute: string): string[] {
  const files = walk(disk, absolute);
  if (files.length > 0) return files;
  throw new MapReduceError(
    "invalid-input",
    `the folder ${path} has no files to read (names that begin with _ or . are left out)`,
  );
}

function walk(disk: Disk, folder: string): string[] {
  return disk.list(folder).flatMap((name) => {
    if (name.startsWith("_") || name.startsWith(".")) return [];
    const path = folder === "/" ? `/${name}` : `${folder}/${name}`;
    return disk.isFolder(path) ? walk(disk, path) : [path];
  });
}
