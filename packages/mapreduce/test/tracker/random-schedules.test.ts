import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AttemptId,
  attemptName,
  Tracker,
  type TrackerEffect,
  type TrackerInput,
} from "../../src/tracker/index.ts";
import { maps, report } from "./tracked.ts";

interface Running {
  readonly worker: string;
  readonly attempt: AttemptId;
}

/** What a driver of the tracker sees, kept in another way than the tracker does. */
class Cluster {
  readonly job: { maps: readonly object[]; reduces: number };
  tracker: Tracker;
  readonly inputs: TrackerInput[] = [];
  readonly effects: TrackerEffect[] = [];
  readonly running = new Map<string, Running>();
  readonly started = new Set<string>();
  /** By worker: finished map attempts that it has. */
  readonly workers = new Map<string, Set<string>>();
  readonly commits: AttemptId[] = [];
  readonly asked: string[] = [];
  readonly committed = new Map<number, string>();
  ended = "";
  nowMs = 0;
  joined = 0;

  constructor(mapCount: number, reduces: number) {
    this.job = { maps: maps(mapCount), reduces };
    this.tracker = new Tracker(this.job, { maxLostWorkers: 1_000 });
  }

  tell(input: TrackerInput): void {
    this.inputs.push(input);
    for (const effect of this.tracker.apply(input, this.nowMs)) {
      this.effects.push(effect);
      this.carryOut(effect);
    }
  }

  carryOut(effect: TrackerEffect): void {
    must(this.ended === "", "an effect after the end");
    if (effect.kind === "job-finished" || effect.kind === "job-failed") {
      this.ended = effect.kind === "job-finished" ? "finished" : effect.error.message;
      must(this.running.size === 0, "over, and attempts run");
      return;
    }
    const { worker, attempt } = effect;
    const name = attemptName(attempt);
    if (effect.kind === "start") {
      must(!this.started.has(name), `${name} started twice`);
      must(this.workers.has(worker), `${worker} is dead`);
      this.started.add(name);
      this.running.set(name, { worker, attempt });
      if (attempt.kind === "reduce") this.checkSources();
    } else if (effect.kind === "cancel") this.running.delete(name);
    else if (effect.kind === "commit") {
      must(this.job.reduces === 0 || attempt.kind === "reduce", `commit of ${name}`);
      must(!this.committed.has(attempt.task), `${name} is committed again`);
      const isAsked = this.commits.some(({ task }) => task === attempt.task);
      must(!isAsked, `two commits of ${name} at once`);
      this.commits.push(attempt);
    }
  }

  /** A reduce that starts finds each map's output where it is said to be. */
  checkSources(): void {
    const outputs = this.tracker.mapOutputs()!;
    const isWhole = outputs.every(({ attempt }, at) => attempt.task === at);
    must(isWhole && outputs.length === this.job.maps.length, "maps are missing");
    for (const { worker, attempt } of outputs) {
      const name = attemptName(attempt);
      must(this.workers.get(worker)?.has(name) === true, `${worker} has no ${name}`);
    }
  }

  join(): void {
    const worker = `w${this.joined++}`;
    this.workers.set(worker, new Set());
    this.tell({ kind: "worker-joined", worker, host: "", slots: 1 + (this.joined % 3) });
  }

  lose(worker: string): void {
    this.workers.delete(worker);
    for (const [name, each] of this.running) if (each.worker === worker) this.running.delete(name);
    this.tell({ kind: "worker-lost", worker });
  }

  finish({ worker, attempt }: Running): void {
    this.running.delete(attemptName(attempt));
    if (attempt.kind === "map") this.workers.get(worker)?.add(attemptName(attempt));
    const counters = { [attempt.kind]: 1, [`task ${attempt.task}`]: 1 };
    const tookMs = 100;
    this.tell({ kind: "attempt-finished", worker, attempt, report: report(counters), tookMs });
  }

  commit(isFine: boolean): void {
    const attempt = this.commits.shift();
    if (!attempt) return;
    if (!isFine) {
      const error = { code: "output-failed", message: "no rename" } as const;
      return this.tell({ kind: "commit-failed", attempt, error });
    }
    this.committed.set(attempt.task, attemptName(attempt));
    this.tell({ kind: "committed", attempt });
  }

  /** One of many things that may happen, chosen by three numbers. */
  step(what: number, which: number, isRare: boolean): void {
    this.nowMs += 100;
    const running = [...this.running.values()];
    const one = running[which % Math.max(1, running.length)];
    const workers = [...this.workers.keys()];
    if (this.workers.size === 0 || what === 0) return this.join();
    if (what === 1 && isRare) return this.lose(workers[which % workers.length]!);
    if (what === 2) return this.commit(!isRare);
    if (what === 3 && isRare) return this.restart(which);
    if (what === 4) {
      for (const input of this.tracker.due(this.nowMs)) this.tell(input);
      return;
    }
    if (!one) return this.commit(true);
    if (what === 5 && isRare) {
      this.running.delete(attemptName(one.attempt));
      const error = { code: "task-failed", message: "unlucky" } as const;
      this.tell({ kind: "attempt-failed", ...one, error, retry: which !== 0 });
    } else if (what === 6 && one.attempt.kind === "reduce") {
      this.running.delete(attemptName(one.attempt));
      const all = (this.tracker.mapOutputs() ?? []).map(({ attempt }) => attempt);
      const lacks: AttemptId[] = [
        all[which % Math.max(1, all.length)] ?? { kind: "map", task: 0, attempt: 0 },
      ];
      this.tell({ kind: "fetch-failed", ...one, maps: lacks });
    } else if (what === 7) {
      // A message of long ago.
      const worker = workers[which % workers.length]!;
      const attempt = { kind: "map", task: 0, attempt: 99 } as const;
      this.tell({ kind: "attempt-finished", worker, attempt, report: report({ x: 1 }), tookMs: 1 });
    } else this.finish(one);
  }

  /** The master is lost, its journal is not; workers come back, one of them without its disk. */
  restart(which: number): void {
    const replayed = new Tracker(this.job, { maxLostWorkers: 1_000 });
    for (const input of this.inputs) replayed.apply(input, 0);
    this.tracker = replayed;
    this.commits.length = 0;
    this.tell({ kind: "restarted" });
    for (const [at, [worker, held]] of [...this.workers].entries()) {
      if (at === which % 4) held.clear();
      const holds = [...held].map((name) => {
        const [, task, attempt] = name.split("-").map(Number);
        return { kind: "map" as const, task: task!, attempt: attempt! };
      });
      this.tell({ kind: "worker-joined", worker, host: "", slots: 2, holds });
    }
  }
}

function must(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

const steps = fc.array(fc.tuple(fc.nat(12), fc.nat(30), fc.nat(3)), { maxLength: 150 });

test("any schedule: a job ends or says why not, and no task is committed twice or lost", () => {
  let finished = 0;
  fc.assert(
    fc.property(fc.nat(6), fc.nat(4), steps, (mapCount, reduces, schedule) => {
      const cluster = new Cluster(mapCount, reduces);
      for (const [what, which, rare] of schedule) {
        if (!cluster.ended) cluster.step(what, which, rare === 0);
      }
      // Nothing goes wrong any more: what is left is done in boundedly many steps.
      if (!cluster.ended) cluster.join();
      for (let left = 500; !cluster.ended && left > 0; left--) cluster.step(12, left, false);
      expect(cluster.ended).not.toBe("");
      if (cluster.ended !== "finished") {
        expect(cluster.ended).toMatch(/failed 4 times|^unlucky$/);
        return;
      }
      finished++;
      const kind = reduces > 0 ? "reduce" : "map";
      const tasks = reduces > 0 ? reduces : mapCount;
      expect(cluster.committed.size).toBe(tasks);
      const { counters } = cluster.tracker.totals();
      expect(counters[kind] ?? 0).toBe(tasks);
      expect(counters["map"] ?? 0).toBe(mapCount);
      expect(counters).not.toHaveProperty("x");
    }),
    { numRuns: 500 },
  );
  expect(finished).toBeGreaterThan(100);
});

test("the same inputs have the same effects, whatever the time", () => {
  fc.assert(
    fc.property(fc.nat(6), fc.nat(4), steps, (mapCount, reduces, schedule) => {
      const cluster = new Cluster(mapCount, reduces);
      for (const [what, which, rare] of schedule) {
        if (!cluster.ended) cluster.step(what, which, rare === 0);
      }
      const again = new Tracker(cluster.job, { maxLostWorkers: 1_000 });
      const effects = cluster.inputs.flatMap((input, at) => again.apply(input, 7 * at));
      expect(effects).toEqual(cluster.effects);
      const copied = new Tracker(cluster.job, {}, JSON.parse(JSON.stringify(again.snapshot())));
      expect(copied.snapshot()).toEqual(again.snapshot());
    }),
  );
});
