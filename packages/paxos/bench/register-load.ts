import { TransportError } from "@quorate/transport";
import type { ProcessCluster } from "../../raft/bench/process-cluster.ts";

const KEYS = 10_000;
const VALUE_BYTES = 256;

/** Which node an operation on a key is sent to. */
export type Route = (key: number, names: readonly string[]) => string;

/** Always the same one, as a client does that hashes keys: then promises are kept. */
export const byKey: Route = (key, names) => names[key % names.length]!;

/** Any: two of three find that another has written the key last. */
export const anywhere: Route = (_, names) => names[Math.floor(Math.random() * names.length)]!;

/** Updates of 10,000 keys, each with 256 bytes, one of them drawn at a time. */
export function updates(cluster: ProcessCluster, route: Route): () => Promise<unknown> {
  const requests = requestsFor(VALUE_BYTES);
  return () => {
    const key = Math.floor(Math.random() * KEYS);
    return cluster.client.request(route(key, cluster.names), "bench/update", requests[key]!);
  };
}

/** Updates each key once, where it will be updated later: its first update takes a round trip more. */
export async function fill(cluster: ProcessCluster): Promise<void> {
  const requests = requestsFor(VALUE_BYTES);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < KEYS) {
      const key = next++;
      await cluster.client.request(byKey(key, cluster.names), "bench/update", requests[key]!);
    }
  };
  await Promise.all(Array.from({ length: 1_000 }, caller));
}

export function reads(cluster: ProcessCluster, route: Route): () => Promise<unknown> {
  const requests = requestsFor(0);
  return () => {
    const key = Math.floor(Math.random() * KEYS);
    return cluster.client.request(route(key, cluster.names), "bench/get", requests[key]!);
  };
}

const KILL_AFTER_MS = 1_000;
const WATCH_MS = 2_000;
const CALLERS = 200;

/**
 * Kills a node under load, or none: the longest time, in milliseconds, in which nobody got an answer.
 * The keys of the one that is gone go to the others; theirs stay where they were.
 */
export async function longestGapMs(cluster: ProcessCluster, victim?: string): Promise<number> {
  let left = cluster.names;
  const requests = requestsFor(VALUE_BYTES);
  let lastMs = performance.now();
  let longestMs = 0;
  let isWatched = false;
  const endMs = lastMs + KILL_AFTER_MS + WATCH_MS;
  const caller = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const key = Math.floor(Math.random() * KEYS);
      const home = byKey(key, cluster.names);
      const name = left.includes(home) ? home : byKey(key, left);
      try {
        await cluster.client.request(name, "bench/update", requests[key]!);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        left = left.filter((each) => each !== name); // asks the others from now on
        continue;
      }
      const nowMs = performance.now();
      if (isWatched) longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
    }
  };
  const callers = Array.from({ length: CALLERS }, caller);
  await pause(KILL_AFTER_MS);
  isWatched = true;
  if (victim) cluster.kill(victim);
  await Promise.all(callers);
  return longestMs;
}

function requestsFor(valueBytes: number): readonly Uint8Array[] {
  return Array.from({ length: KEYS }, (_, number) => {
    const key = Buffer.from(`order/${number}`, "latin1");
    const value = Buffer.alloc(valueBytes, 120);
    return new Uint8Array(Buffer.concat([Buffer.of(key.length), key, value]));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
