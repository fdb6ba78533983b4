import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { percentile } from "@quorate/bench";
import { systemFileSystem } from "@quorate/runtime";
import { closedLoop } from "./closed-loop.ts";
import type { RaftCluster } from "./raft-cluster.ts";

const DISKS = 3;
const WRITES = 500;
const FILE_BYTES = 1024 * 1024;
const RECORD = new Uint8Array(320).fill(120);

/**
 * What a commit cannot be below on one machine: two round trips (client and leader, leader and
 * follower) and a durable write, of three at once since three nodes share this disk. Milliseconds.
 */
export async function commitLimitMs({ client, leader }: RaftCluster): Promise<number> {
  const ping = (): Promise<unknown> => client.request(leader, "bench/leader", new Uint8Array(0));
  const { p50Ms } = await closedLoop(1, 1, ping);
  return 2 * p50Ms + (await durableWriteMs());
}

async function durableWriteMs(): Promise<number> {
  const directory = await mkdtemp(join(import.meta.dirname, ".data-limit-"));
  const files = await Promise.all(
    Array.from({ length: DISKS }, async (_, at) => {
      const file = await systemFileSystem.open(join(directory, `${at}`), { create: "new" });
      await file.writeDurably(new Uint8Array(FILE_BYTES), 0);
      return file;
    }),
  );
  const samplesMs: number[] = [];
  for (let at = 0; at < WRITES; at++) {
    const beginMs = performance.now();
    const write = async (file: (typeof files)[number]): Promise<void> => {
      await file.writeDurably(RECORD, at * RECORD.length);
      samplesMs.push(performance.now() - beginMs);
    };
    await Promise.all(files.map(write));
  }
  await Promise.all(files.map((file) => file.close()));
  await rm(directory, { recursive: true, force: true });
  return percentile(samplesMs, 50);
}
