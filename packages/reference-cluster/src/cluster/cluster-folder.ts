import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { v4 as randomUuid } from "uuid";
import { ClusterError } from "../cluster-error.ts";

/** What a cluster keeps on disk: `cluster.json`, and a folder for each node. */
export interface ClusterFolder {
  readonly path: string;
  /** Drawn when the folder was made: nodes of different folders do not talk to each other. */
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
}

const MANIFEST = "cluster.json";
const DRAFT = `${MANIFEST}.new`;
const VERSION = 1;
const DEFAULT_NODES = 3;

export async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return resolve(path);
}

/**
 * Reads what cluster the folder holds, or founds one in it. The caller has locked the folder.
 *
 * @param nodes how many; absent: as many as there are, 3 in a new folder.
 * @throws {ClusterError} `wrong-folder`.
 */
export async function openClusterFolder(path: string, nodes?: number): Promise<ClusterFolder> {
  const manifest = join(path, MANIFEST);
  const text = await readFile(manifest, "utf8").catch(absentAsUndefined);
  const folder = text === undefined ? await found(path, nodes ?? DEFAULT_NODES) : read(path, text);
  if (nodes !== undefined && nodes !== folder.nodeIds.length) {
    throw new ClusterError(
      "wrong-folder",
      `${path} holds a cluster of ${folder.nodeIds.length} nodes, not ${nodes}: ` +
        `start it with --nodes ${folder.nodeIds.length}, or choose another folder with --data`,
    );
  }
  return folder;
}

async function found(path: string, nodes: number): Promise<ClusterFolder> {
  const present = (await readdir(path)).filter((name) => name !== DRAFT);
  if (present.length > 0) {
    throw new ClusterError(
      "wrong-folder",
      `${path} has other files in it (${present[0]}) and no ${MANIFEST}: choose another with --data`,
    );
  }
  const clusterId = randomUuid();
  const nodeIds = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const text = JSON.stringify({ version: VERSION, clusterId, nodeIds }, undefined, 2);
  // In one step: a kill at any moment leaves the whole file or none that counts.
  const draft = join(path, DRAFT);
  await writeFile(draft, `${text}\n`, { flush: true });
  await rename(draft, join(path, MANIFEST));
  return { path, clusterId, nodeIds };
}

function read(path: string, text: string): ClusterFolder {
  try {
    const { version, clusterId, nodeIds } = JSON.parse(text) as ClusterFolder & { version: number };
    if (version === VERSION && Array.isArray(nodeIds)) return { path, clusterId, nodeIds };
  } catch {
    // Reported below, with the name of the file.
  }
  throw new ClusterError("wrong-folder", `${join(path, MANIFEST)} is none of this program's`);
}

function absentAsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
