import { createAnchor } from "./anchor.ts";
import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { createJump } from "./jump.ts";
import type { Key } from "./key.ts";
import type { Locator } from "./locator.ts";
import { createMaglev } from "./maglev.ts";
import { createMemento } from "./memento.ts";
import { createMultiProbe } from "./multi-probe.ts";
import type { NodeInfo, NodeSpec } from "./node.ts";
import { type Profile, PROFILES } from "./profiles.ts";
import { createRendezvous } from "./rendezvous.ts";
import { createRing } from "./ring.ts";
import { textTable } from "./text-table.ts";

declare const performance: { now(): number };

export interface CompareOptions {
  /** At least two. */
  readonly nodes: readonly (string | NodeSpec)[];
  /** A sample of the keys that will be used: at least one, better 100,000. */
  readonly keys: readonly Key[];
  /**
   * Milliseconds of a monotonic clock.
   *
   * @default performance.now
   */
  readonly now?: () => number;
}

/** How an algorithm does with the nodes and keys given. */
export interface ComparisonRow {
  readonly algorithm: keyof typeof PROFILES;
  readonly lookupsPerSecond: number;
  readonly buildMs: number;
  /** The greatest load of a node over its fair one by weight: 1 is perfect. */
  readonly maxOverMean: number;
  /** The standard deviation of loads over fair ones. */
  readonly deviation: number;
  /** Of all keys, those that move when the node listed last leaves, and those that must. */
  readonly movedAtLeave: number;
  readonly idealAtLeave: number;
  /** Of all keys, those that move when a node like the first one joins; the expected share. */
  readonly movedAtJoin: number;
  readonly idealAtJoin: number;
  readonly memoryBytes: number;
  readonly profile: Profile;
}

export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  /** Algorithms that cannot have these nodes, and why. */
  readonly skipped: readonly { readonly algorithm: string; readonly reason: string }[];
  /** The rows as a table for people. */
  toString(): string;
}

type Create = (nodes: readonly (string | NodeSpec)[]) => Locator;

const CREATE: Readonly<Record<keyof typeof PROFILES, Create>> = {
  ring: (nodes) => createRing({ nodes }),
  maglev: (nodes) => createMaglev({ nodes }),
  rendezvous: (nodes) => createRendezvous({ nodes }),
  jump: (nodes) => createJump({ nodes }),
  "multi-probe": (nodes) => createMultiProbe({ nodes }),
  anchor: (nodes) => createAnchor({ nodes, capacity: anchorCapacity(nodes) }),
  memento: (nodes) => createMemento({ nodes }),
};
const LARGEST_CAPACITY = 2 ** 20;

/**
 * Tries every algorithm, with its defaults, on your own nodes and keys; `String(compare(…))` is the
 * table. Takes some lookups of each key with each algorithm.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-key`,
 * `duplicate-node`
 */
export function compare(options: CompareOptions): Comparison {
  const { nodes, keys, now = () => performance.now() } = options;
  if (nodes.length < 2 || keys.length === 0) {
    throw new ConsistentHashingError("invalid-option", "compare needs two nodes and a key");
  }
  const rows: ComparisonRow[] = [];
  const skipped: { algorithm: string; reason: string }[] = [];
  for (const algorithm of Object.keys(CREATE) as (keyof typeof PROFILES)[]) {
    try {
      rows.push(row(algorithm, nodes, keys, now));
    } catch (error) {
      if (!(error instanceof ConsistentHashingError)) throw error;
      if (error.code !== "invalid-weight" && error.code !== "full") throw error;
      skipped.push({ algorithm, reason: error.message });
    }
  }
  return { rows, skipped, toString: () => comparisonTable(rows, skipped) };
}

function row(
  algorithm: keyof typeof PROFILES,
  nodes: readonly (string | NodeSpec)[],
  keys: readonly Key[],
  now: () => number,
): ComparisonRow {
  const startedAt = now();
  const locator = CREATE[algorithm](nodes);
  locator.locate(keys[0] as Key);
  const buildMs = now() - startedAt;
  const before = keys.map((key) => locator.locate(key));
  const locatedAt = now();
  for (const key of keys) locator.locate(key);
  const lookupsPerSecond = (keys.length * 1_000) / Math.max(now() - locatedAt, 1e-3);
  const infos = locator.nodes();
  const memoryBytes = locator.memoryBytes();

  const leaving = nameOf(nodes.at(-1) as string | NodeSpec);
  const leavingWeight = (infos.find(({ name }) => name === leaving) as NodeInfo).weight;
  const total = infos.reduce((sum, { weight }) => sum + weight, 0);
  locator.remove(leaving);
  const movedAtLeave = movedShare(locator, keys, before);
  locator.add({ name: leaving, weight: leavingWeight });
  const again = keys.map((key) => locator.locate(key));
  const { weight } = infos[0] as NodeInfo;
  locator.add({ name: newName(infos), weight });
  const movedAtJoin = movedShare(locator, keys, again);
  return {
    algorithm,
    lookupsPerSecond,
    buildMs,
    ...balance(infos, total, before),
    movedAtLeave,
    idealAtLeave: before.filter((name) => name === leaving).length / keys.length,
    movedAtJoin,
    idealAtJoin: weight / (total + weight),
    memoryBytes,
    profile: PROFILES[algorithm],
  };
}

function movedShare(locator: Locator, keys: readonly Key[], before: readonly string[]): number {
  const moved = keys.filter((key, index) => locator.locate(key) !== before[index]);
  return moved.length / keys.length;
}

function balance(
  nodes: readonly NodeInfo[],
  total: number,
  located: readonly string[],
): { readonly maxOverMean: number; readonly deviation: number } {
  const counts = new Map<string, number>();
  for (const name of located) counts.set(name, (counts.get(name) ?? 0) + 1);
  const loads = nodes.map(
    ({ name, weight }) => (counts.get(name) ?? 0) / ((located.length * weight) / total),
  );
  const variance = loads.reduce((sum, load) => sum + (load - 1) ** 2, 0) / loads.length;
  return {
    maxOverMean: loads.reduce((most, load) => Math.max(most, load), 0),
    deviation: Math.sqrt(variance),
  };
}

function nameOf(node: string | NodeSpec): string {
  return typeof node === "string" ? node : node.name;
}

function newName(nodes: readonly NodeInfo[]): string {
  const names = new Set(nodes.map(({ name }) => name));
  for (let suffix = 0; ; suffix++) if (!names.has(`new-${suffix}`)) return `new-${suffix}`;
}

/** Twice what there is, and the node that `compare` lets join. */
function anchorCapacity(nodes: readonly (string | NodeSpec)[]): number {
  const weights = nodes.map((node) => (typeof node === "string" ? 1 : (node.weight ?? 1)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Math.min(LARGEST_CAPACITY, Math.ceil(2 * total));
}

function comparisonTable(rows: readonly ComparisonRow[], skipped: Comparison["skipped"]): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const figures = textTable(
    ["", "M lookups/s", "build ms", "max/mean", "deviation", "leave", "join", "KiB"],
    rows.map((one) => [
      one.algorithm,
      (one.lookupsPerSecond / 1e6).toFixed(1),
      one.buildMs.toFixed(1),
      one.maxOverMean.toFixed(3),
      percent(one.deviation),
      `${percent(one.movedAtLeave)} of ${percent(one.idealAtLeave)}`,
      `${percent(one.movedAtJoin)} of ${percent(one.idealAtJoin)}`,
      (one.memoryBytes / 1_024).toFixed(0),
    ]),
  );
  const advice = rows.map((one) => `${one.algorithm}: ${one.profile.takeWhen}`);
  const left = skipped.map(({ algorithm, reason }) => `${algorithm}: left out, ${reason}`);
  return [figures, "", ...advice, ...left].join("\n");
}
