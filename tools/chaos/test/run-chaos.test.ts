import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALL_FAULTS } from "../src/faults/all-faults.ts";
import type { Fault } from "../src/faults/fault.ts";
import type { Watcher } from "../src/progress.ts";
import { isGood, reportOf } from "../src/report.ts";
import { runChaos } from "../src/run-chaos.ts";

/** A quiet time and a fault at least: see nemesis.ts. Starting and checking come on top. */
const MINUTES = 0.07;
const TIMEOUT_MS = 120_000;
const watcher: Watcher = { onPhase: () => {}, onOperation: () => {}, onFault: () => {} };
const DEPENDENCIES = { watcher, signal: new AbortController().signal };
const CLUSTER = { nodes: 3, consensus: "raft" } as const;
const COMMAND = {
  minutes: MINUTES,
  ...CLUSTER,
  workloads: ["kv", "lock"],
  faults: ["kill", "clock"],
  seed: 1,
} as const;

/** Planted: all nodes at once lose what they promised to keep. */
const wipe: Fault = {
  unavailable: async () => undefined,
  inject: async ({ cluster: { nodes } }) => {
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(nodes.map(({ volume }) => rm(volume.directory, { recursive: true })));
    return async () => nodes.forEach((node) => node.start());
  },
};
const noClock: Fault = { ...wipe, unavailable: async () => "no clock here" };

describe("runChaos, with real processes", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "quorate-chaos-test-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it(
    "killed nodes lose nothing that was acknowledged, nor who holds a lock; what cannot be done is named",
    async () => {
      const result = await runChaos(COMMAND, {
        ...DEPENDENCIES,
        directory,
        faults: { ...ALL_FAULTS, clock: noClock },
      });
      const report = reportOf(1, result);
      expect(report).toMatchObject({
        linearizable: true,
        lost: 0,
        duplicated: 0,
        unexpected: 0,
        watch: { violations: [] },
        leases: { violations: [] },
        lock: { linearizable: true, violations: [] },
        crashes: [],
        skipped: { clock: "no clock here" },
      });
      expect(report.faults.kill).toBeGreaterThan(0);
      expect(report.acknowledged).toBeGreaterThan(0);
      expect(report.watch?.told).toBeGreaterThan(0);
      expect(report.leases?.granted).toBeGreaterThan(0);
      expect(report.lock?.writes).toBeGreaterThan(0);
      expect(isGood(result)).toBe(true);
      expect(await readdir(directory)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "finds what a planted fault destroys: all nodes' data",
    async () => {
      const result = await runChaos(COMMAND, {
        ...DEPENDENCIES,
        directory,
        faults: { ...ALL_FAULTS, kill: wipe, clock: noClock },
      });
      const report = reportOf(1, result);
      expect(report.lost).toBeGreaterThan(0);
      expect(isGood(result)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it("stopped before the cluster serves, it leaves nothing behind", async () => {
    const signal = AbortSignal.abort(new Error("Ctrl-C"));
    await expect(
      runChaos({ ...COMMAND, faults: ["kill"] }, { ...DEPENDENCIES, directory, signal }),
    ).rejects.toThrow("Ctrl-C");
    expect(await readdir(directory)).toEqual([]);
  });
});
