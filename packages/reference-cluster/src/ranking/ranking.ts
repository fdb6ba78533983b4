import { clusterJob, fileJournal, type Master, startMaster } from "@quorate/mapreduce/cluster";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../cluster/free-ports.ts";
import { SupervisedProcess } from "../cluster/supervised-process.ts";
import { Undo } from "../cluster/undo.ts";
import { addressArguments } from "../node/node-addresses.ts";
import { RANKING_JOB } from "../program.ts";
import { type MerchantRank, ranked } from "./merchant-rank.ts";
import { HEARTBEAT_MS, MASTER } from "./ranker.ts";
import { splitOf, type StoredReviews } from "./stored-reviews.ts";

/** What a ranking is made of, and where. */
export interface RankingOptions {
  readonly clusterId: string;
  /** The reviews of each shard, as they are to be counted. */
  readonly reviews: readonly StoredReviews[];
  /** For the result and what leads to it; a folder of the ranking's own is made in it. */
  readonly folder: string;
  readonly workers: number;
}

/** A ranking under way. */
export interface Ranking {
  /**
   * The merchants, the best first.
   *
   * @throws {MapReduceError} as a rejection: why there is none.
   */
  readonly result: Promise<readonly MerchantRank[]>;
  /** The workers that have tasks at this moment. */
  busy(): readonly string[];
  /** Ends the process of a worker with SIGKILL: another one does its work. */
  kill(worker: string): void;
}

const HOST = "127.0.0.1";
/** One that was killed is noticed after so long. */
const DEAD_AFTER_MS = 1_000;

/** Starts workers in processes of their own, and a master here, for one ranking. */
export async function startRanking(options: RankingOptions): Promise<Ranking> {
  const run = `ranking-${randomUUID()}`;
  const folder = join(options.folder, run);
  const undo = new Undo();
  undo.add(() => rm(folder, { recursive: true, force: true }));
  try {
    await mkdir(folder, { recursive: true });
    const { workers, peers } = await startWorkers(options, folder, undo);
    const output = join(folder, "result");
    const master = await startMasterOf(options, { run, folder, output, peers }, undo);
    return {
      result: resultOf(master, output, undo),
      busy: () => workers.map(({ id }) => id).filter((id) => isBusy(master, id)),
      kill: (worker) => workers.find(({ id }) => id === worker)?.kill(),
    };
  } catch (error) {
    await undo.all();
    throw error;
  }
}

type Peers = Readonly<Record<string, TcpAddress>>;

async function startWorkers(
  { clusterId, workers: count }: RankingOptions,
  folder: string,
  undo: Undo,
): Promise<{ readonly workers: readonly SupervisedProcess[]; readonly peers: Peers }> {
  const ids = Array.from({ length: count }, (_, at) => `w${at + 1}`);
  const ports = await freePorts(count + 1);
  const peers = Object.fromEntries(
    [MASTER, ...ids].map((id) => [id, { host: HOST, port: ports.pop()! }]),
  );
  const workers = ids.map((id) => {
    const own = ["--id", id, "--cluster", clusterId, "--data", join(folder, id)];
    return new SupervisedProcess(id, ["ranker", ...own, "--peers", ...addressArguments(peers)]);
  });
  undo.add(() => Promise.all(workers.map((worker) => worker.stop())));
  await Promise.all(workers.map((worker) => worker.start()));
  return { workers, peers };
}

async function startMasterOf(
  { clusterId, reviews, workers: slots }: RankingOptions,
  run: { readonly run: string; readonly folder: string; readonly output: string; peers: Peers },
  undo: Undo,
): Promise<Master> {
  const { port } = run.peers[MASTER]!;
  const transport = createTcpTransport({
    ...{ nodeId: MASTER, clusterId, listen: { port }, peers: run.peers },
  });
  undo.add(() => transport.stop());
  await transport.start();
  const { job, plan, output } = clusterJob(RANKING_JOB, {
    job: run.run,
    slots,
    output: run.output,
  });
  const splits = reviews.map((each) => ({ source: 0, split: splitOf(each) }));
  const master = await startMaster(
    {
      job,
      // Which shards there are, and at which revision they are read, is known here alone.
      plan: async () => ({ ...(await plan()), splits }),
      heartbeatMs: HEARTBEAT_MS,
      deadAfterMs: DEAD_AFTER_MS,
    },
    { transport, journal: fileJournal(join(run.folder, "journal")), output },
  );
  undo.add(() => master.stop());
  return master;
}

async function resultOf(master: Master, output: string, undo: Undo): Promise<MerchantRank[]> {
  try {
    await master.result;
    return await readResult(output);
  } finally {
    await undo.all();
  }
}

/** A worker's name in the tracker is its node's and that of its life. */
function isBusy({ state }: Master, node: string): boolean {
  return state.workers.some(({ id, busy }) => id.startsWith(`${node}#`) && busy > 0);
}

async function readResult(folder: string): Promise<MerchantRank[]> {
  const parts = (await readdir(folder)).filter((name) => name.startsWith("part-"));
  const texts = await Promise.all(parts.map((name) => readFile(join(folder, name), "utf8")));
  const lines = texts.flatMap((text) => text.split("\n").filter((line) => line !== ""));
  return ranked(lines.map((line) => JSON.parse(line) as MerchantRank));
}
