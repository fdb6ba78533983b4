import { mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type BenchOptions, defineBench, measured, type Row } from "@quorate/bench";
import { open as openLmdb } from "lmdb";
import { Write } from "../src/core/persistence.ts";
import { LogRegisterStorage, type RegisterRecord } from "../src/register/index.ts";

const KEYS = 100_000;
const BATCH = 1_000;
const BATCHES = 60;
const VALUE = new Uint8Array(256).fill(120);
const NODE = "n1";
const LMDB = "lmdb 3.5";

/** A disk's part of the register: random keys are written over, and each batch is synced. */
export default defineBench(async (options) => [await upserts(options)]);

/** Docs/decisions/0122: why the register keeps its keys in a log of its own. */
function upserts(options: BenchOptions): Promise<Row | undefined> {
  return measured(options, {
    case: "register: durable upserts of 256 bytes, 100,000 keys, 1,000 a batch",
    unit: "upserts/s",
    ours: () => inFolder(byLog),
    peers: { [LMDB]: () => inFolder(byLmdb) },
    goal: ({ ours, peers }) => ({ goal: 2 * peers[LMDB], met: ours >= 2 * peers[LMDB] }),
  });
}

async function byLog(directory: string): Promise<number> {
  const storage = new LogRegisterStorage({
    ...{ directory, nodeId: NODE, bootstrap: true, members: [NODE] },
  });
  await storage.load();
  let sequence = 0;
  const write = async (keys: readonly string[]): Promise<void> => {
    await storage.persist(new Write(++sequence, keys.map(recordOf)));
  };
  try {
    return await perSecond(write);
  } finally {
    await storage.close();
  }
}

async function byLmdb(path: string): Promise<number> {
  const store = openLmdb<Uint8Array, string>({ path, encoding: "binary", overlappingSync: false });
  try {
    return await perSecond((keys) =>
      store.transaction(() => {
        for (const key of keys) void store.put(key, VALUE);
      }),
    );
  } finally {
    await store.close();
  }
}

/** All keys in their order first, so that later ones are overwritten. */
async function perSecond(write: (keys: readonly string[]) => Promise<unknown>): Promise<number> {
  for (let from = 0; from < KEYS; from += BATCH) {
    await write(Array.from({ length: BATCH }, (_, at) => `order/${from + at}`));
  }
  const startedMs = performance.now();
  for (let batch = 0; batch < BATCHES; batch++) {
    await write(Array.from({ length: BATCH }, () => `order/${Math.floor(Math.random() * KEYS)}`));
  }
  return (1_000 * BATCHES * BATCH) / (performance.now() - startedMs);
}

function recordOf(key: string): RegisterRecord {
  const ballot = { round: 1, node: NODE, incarnation: 1 };
  const cell = { value: VALUE, marks: [{ incarnation: 1, sequence: 1 }], forgotten: 0 };
  return { kind: "key", key, state: { promised: ballot, accepted: { ballot, value: cell } } };
}

/** Beside this file, since a folder for temporary files may be in memory. */
async function inFolder(run: (directory: string) => Promise<number>): Promise<{ value: number }> {
  const directory = await mkdtemp(fileURLToPath(new URL(".data-", import.meta.url)));
  try {
    return { value: await run(directory) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
