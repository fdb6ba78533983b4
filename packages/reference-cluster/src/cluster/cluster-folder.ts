import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fromJSON, type Locator, type LocatorState } from "@quorate/consistent-hashing";
import { v4 as randomUuid } from "uuid";
import { type Consensus, CONSENSUS_NAMES } from "../node/consensus.ts";
import { ClusterError } from "../cluster-error.ts";
import { foundRing } from "../shards/shard-ring.ts";

/** What a cluster keeps on disk: `cluster.json`, and a folder for each node. */
export interface ClusterFolder {
  readonly path: string;
  /** Drawn when the folder was made: nodes of different folders do not talk to each other. */
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  /** Which shard has which order. */
  readonly ring: Locator;
  readonly consensus: Consensus;
  /** Whether its nodes have all run once: one whose folder is empty has then lost its data. */
  readonly hasStarted: boolean;
}

/** What the caller wants of a cluster that it opens; absent: whatever it has. */
export interface WantedCluster {
  /** How many; 3 in a new folder. */
  readonly nodes?: number | undefined;
  /** How many; 3 in a new folder. */
  readonly shards?: number | undefined;
  /** "raft" in a new folder. */
  readonly consensus?: Consensus | undefined;
}

/** `cluster.json`, as it is written. */
interface Manifest {
  readonly version: number;
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  readonly ring: LocatorState;
  /** Absent where there was no choice yet: Raft. */
  readonly consensus?: Consensus;
  readonly hasStarted?: boolean;
}

const MANIFEST = "cluster.json";
const DRAFT = `${MANIFEST}.new`;
/** Of version 1, all orders were in one Raft group. */
const VERSION = 2;
const DEFAULT_NODES = 3;
const DEFAULT_SHARDS = 3;

export async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return resolve(path);
}

/**
 * Reads what cluster the folder holds, or founds one in it. The caller has locked the folder.
 *
 * @throws {ClusterError} `wrong-folder`.
 */
export async function openClusterFolder(
  path: string,
  wanted: WantedCluster = {},
): Promise<ClusterFolder> {
  const manifest = join(path, MANIFEST);
  const text = await readFile(manifest, "utf8").catch(absentAsUndefined);
  const folder = text === undefined ? await found(path, wanted) : read(path, text);
  requireSame(path, "nodes", folder.nodeIds.length, wanted.nodes);
  requireSame(path, "shards", folder.ring.size, wanted.shards);
  requireSame(path, "consensus", folder.consensus, wanted.consensus);
  return folder;
}

function requireSame<T extends string | number>(
  path: string,
  option: string,
  has: T,
  wanted: T | undefined,
): void {
  if (wanted === undefined || wanted === has) return;
  throw new ClusterError(
    "wrong-folder",
    `${path} holds a cluster with --${option} ${has}, not ${wanted}: ` +
      `start it with --${option} ${has}, or choose another folder with --data`,
  );
}

async function found(
  path: string,
  { nodes = DEFAULT_NODES, shards = DEFAULT_SHARDS, consensus = "raft" }: WantedCluster,
): Promise<ClusterFolder> {
  const present = (await readdir(path)).filter((name) => name !== DRAFT);
  if (present.length > 0) {
    throw new ClusterError(
      "wrong-folder",
      `${path} has other files in it (${present[0]}) and no ${MANIFEST}: choose another with --data`,
    );
  }
  const clusterId = randomUuid();
  const nodeIds = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const ring = foundRing(shards);
  const folder = { path, clusterId, nodeIds, consensus, ring, hasStarted: false };
  await keep(folder);
  return folder;
}

/** All nodes of the folder have run. */
export async function noteStarted(folder: ClusterFolder): Promise<void> {
  if (!folder.hasStarted) await keep({ ...folder, hasStarted: true });
}

/** In one step: a kill at any moment leaves the whole file, the one before, or none that counts. */
async function keep({ path, ring, ...settings }: ClusterFolder): Promise<void> {
  const manifest: Manifest = { version: VERSION, ...settings, ring: ring.toJSON() };
  const draft = join(path, DRAFT);
  await writeFile(draft, `${JSON.stringify(manifest, undefined, 2)}\n`, { flush: true });
  await rename(draft, join(path, MANIFEST));
}

function read(path: string, text: string): ClusterFolder {
  const file = join(path, MANIFEST);
  try {
    const manifest = JSON.parse(text) as Manifest;
    const { version, clusterId, nodeIds, ring, consensus = "raft", hasStarted = false } = manifest;
    if (version === VERSION && Array.isArray(nodeIds) && CONSENSUS_NAMES.includes(consensus)) {
      return { path, clusterId, nodeIds, ring: fromJSON(ring), consensus, hasStarted };
    }
    if (version === 1) throw new Error("it is of an earlier version, which had no shards");
  } catch (cause) {
    const reason = (cause as Error).message;
    const message = `${file} is none of this version's: ${reason}; choose another with --data`;
    throw new ClusterError("wrong-folder", message, { cause });
  }
  throw new ClusterError("wrong-folder", `${file} is none of this program's`);
}

function absentAsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
