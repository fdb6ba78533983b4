import { describe, expect, test } from "vitest";
import { Tracker } from "../../src/tracker/index.ts";
import { maps, Tracked } from "./tracked.ts";

describe("section 3.1, execution", () => {
  test("idle workers are given map tasks, and reduce tasks once all maps are completed", () => {
    const job = new Tracked({ maps: maps(3), reduces: 2 });
    expect(job.join("w1")).toEqual(["start m0.0 w1"]);
    expect(job.join("w2")).toEqual(["start m1.0 w2"]);
    expect(job.finish("m0.0 w1")).toEqual(["start m2.0 w1"]);
    expect(job.tracker.mapOutputs()).toBeUndefined();
    expect(job.finish("m1.0 w2")).toEqual([]);
    expect(job.finish("m2.0 w1")).toEqual(["start r0.0 w1", "start r1.0 w2"]);
    expect(job.tracker.mapOutputs()!.map(({ worker }) => worker)).toEqual(["w1", "w2", "w1"]);
    expect(job.finish("r0.0 w1")).toEqual(["commit r0.0 w1"]);
    expect(job.commit("r0.0")).toEqual([]);
    expect(job.finish("r1.0 w2")).toEqual(["commit r1.0 w2"]);
    expect(job.commit("r1.0")).toEqual(["job-finished"]);
  });

  test("a worker runs as many attempts as it has slots, and the freest gets the next", () => {
    const job = new Tracked({ maps: maps(5), reduces: 1 });
    expect(job.join("w1", 2)).toEqual(["start m0.0 w1", "start m1.0 w1"]);
    expect(job.join("w2", 4)).toEqual(["start m2.0 w2", "start m3.0 w2", "start m4.0 w2"]);
  });

  test("where nothing is reduced, the output of the maps is committed", () => {
    const job = new Tracked({ maps: maps(1), reduces: 0 });
    job.join("w1");
    expect(job.finish("m0.0 w1")).toEqual(["commit m0.0 w1"]);
    expect(job.lose("w1")).toEqual([]);
    expect(job.commit("m0.0")).toEqual(["job-finished"]);
  });

  test("without input, the reduces run on nothing", () => {
    const job = new Tracked({ maps: [], reduces: 1 });
    expect(job.join("w1")).toEqual(["start r0.0 w1"]);
    expect(job.tracker.mapOutputs()).toEqual([]);
  });
});

describe("section 3.3, fault tolerance", () => {
  test("what a dead worker runs runs elsewhere, under another number", () => {
    const job = new Tracked({ maps: maps(2), reduces: 1 });
    job.join("w1");
    job.join("w2", 2);
    expect(job.lose("w1")).toEqual(["start m0.1 w2"]);
  });

  test("a dead worker's finished maps are redone, since their output was on its disk", () => {
    const job = new Tracked({ maps: maps(2), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1");
    job.join("w2");
    expect(job.lose("w1")).toEqual(["start m0.1 w2"]);
    job.finish("m0.1 w2");
    expect(job.finish("m1.1 w2")).toEqual(["start r0.0 w2"]);
  });

  test("finished maps are redone in the reduce phase, too, before any other reduce starts", () => {
    const job = new Tracked({ maps: maps(1), reduces: 2 });
    job.join("w1");
    job.join("w2");
    job.finish("m0.0 w1"); // reduce 0 on w1, reduce 1 on w2
    expect(job.lose("w1")).toEqual([]);
    expect(job.finish("r1.0 w2")).toEqual(["commit r1.0 w2", "start m0.1 w2"]);
    expect(job.tracker.mapOutputs()).toBeUndefined();
    expect(job.finish("m0.1 w2")).toEqual(["start r0.1 w2"]);
  });

  test("finished reduces are not redone, nor are maps that no reduce needs any more", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1");
    job.finish("r0.0 w1");
    job.join("w2");
    expect(job.commit("r0.0")).toEqual(["job-finished"]);
    expect(job.lose("w1")).toEqual([]);
  });

  test("maps on a disk that outlives their worker are not redone", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1");
    job.tell({ kind: "worker-lost", worker: "w1", keepsOutput: true });
    expect(job.join("w2")).toEqual(["start r0.1 w2"]);
  });

  test("a completion message for a task that is completed already is ignored", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1", { n: 1 });
    const before = job.tracker.snapshot();
    expect(job.finish("m0.0 w1", { n: 5 })).toEqual([]);
    expect(job.tracker.snapshot()).toEqual(before);
  });

  test("answers of workers that were declared dead are ignored", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    job.lose("w1");
    expect(job.finish("m0.0 w1")).toEqual(["forget m0.0 w1"]);
    expect(job.fail("m0.0 w1")).toEqual([]);
    expect(job.tracker.totals().maps.completed).toBe(0);
    expect(job.join("w1")).toEqual(["start m0.1 w1"]); // it comes back as one that has nothing
  });

  test("a task that fails is tried again on another worker", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1", 4);
    job.join("w2", 1);
    expect(job.fail("m0.0 w1")).toEqual(["start m0.1 w2"]);
  });

  test("on the same one if there is no other", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    expect(job.fail("m0.0 w1")).toEqual(["start m0.1 w1"]);
  });

  test("a task that failed waits for a busy worker where it has not failed", () => {
    const job = new Tracked({ maps: maps(2), reduces: 1 });
    job.join("w1");
    job.join("w2");
    expect(job.fail("m0.0 w1")).toEqual([]);
    expect(job.finish("m1.0 w2")).toEqual(["start m0.1 w2"]);
  });

  test("a job fails when a task has failed maxAttempts times, with the last error as its cause", () => {
    const job = new Tracked({ maps: maps(2), reduces: 1 }, { maxAttempts: 2 });
    job.join("w1", 2);
    expect(job.fail("m0.0 w1")).toEqual(["start m0.1 w1"]);
    expect(job.fail("m0.1 w1")).toEqual(["cancel m1.0 w1", "job-failed task-failed"]);
    expect(job.effects.at(-1)).toMatchObject({ cause: { code: "bad-record" } });
    expect(job.join("w2")).toEqual([]);
  });

  test("an error that another try cannot mend ends the job at once", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    expect(job.fail("m0.0 w1", false)).toEqual(["job-failed bad-record"]);
  });

  test("a worker's death is no failure of its task, but a task that kills them ends the job", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 }, { maxAttempts: 1, maxLostWorkers: 3 });
    for (const worker of ["w1", "w2"]) {
      job.join(worker);
      expect(job.lose(worker)).toEqual([]);
    }
    job.join("w3");
    expect(job.lose("w3")).toEqual(["job-failed task-failed"]);
  });

  test("output that cannot be fetched maxFetchFailures times is redone on another worker", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 }, { maxFetchFailures: 2 });
    job.join("w1");
    job.finish("m0.0 w1");
    job.join("w2");
    expect(job.fetchFails("r0.0 w1", "m0.0")).toEqual(["start r0.1 w2"]);
    expect(job.fetchFails("r0.1 w2", "m0.0")).toEqual(["start m0.1 w2"]);
    expect(job.finish("m0.1 w2")).toEqual(["start r0.2 w1"]);
    expect(job.fetchFails("r0.2 w1", "m0.0")).toEqual(["start r0.3 w1"]); // of the output before
  });

  test("fetch failures do not go on for ever", () => {
    const options = { maxFetchFailures: 2, maxAttempts: 2 };
    const job = new Tracked({ maps: maps(1), reduces: 1 }, options);
    job.join("w1");
    job.finish("m0.0 w1");
    job.fetchFails("r0.0 w1", "m0.0");
    job.fetchFails("r0.1 w1", "m0.0");
    job.finish("m0.1 w1");
    job.fetchFails("r0.2 w1", "m0.1");
    expect(job.fetchFails("r0.3 w1", "m0.1")).toEqual(["job-failed task-failed"]);
  });

  test("a restarted master starts nothing on a worker that has not joined again", () => {
    const job = new Tracked({ maps: maps(2), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1");
    const restarted = new Tracker({ maps: maps(2), reduces: 1 }, {}, job.tracker.snapshot());
    expect(restarted.apply({ kind: "restarted" }, 0)).toEqual([]);
    expect(restarted.isRunning("w1", { kind: "map", task: 1, attempt: 0 })).toBe(true);
    const join = { kind: "worker-joined", worker: "w1", host: "", slots: 2 } as const;
    const effects = restarted.apply({ ...join, holds: [] }, 0);
    const again = { kind: "map", task: 0, attempt: 1 };
    expect(effects).toEqual([{ kind: "start", worker: "w1", attempt: again }]);
  });

  test("a restarted master asks again for the commits that it asked for", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    job.finish("m0.0 w1");
    job.finish("r0.0 w1");
    expect(job.tell({ kind: "restarted" })).toEqual(["commit r0.0 w1"]);
  });

  test("a master that gives up cancels what runs", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 });
    job.join("w1");
    const error = { code: "aborted", message: "stopped by its caller" } as const;
    const effects = job.tell({ kind: "aborted", error });
    expect(effects).toEqual(["cancel m0.0 w1", "job-failed aborted"]);
  });

  test("an attempt that makes no progress for stalledMs counts as failed", () => {
    const job = new Tracked({ maps: maps(1), reduces: 1 }, { stalledMs: 1_000 });
    job.join("w1");
    job.join("w2");
    job.wait(900);
    job.tracker.progressed("w1", { kind: "map", task: 0, attempt: 0 }, 900);
    expect(job.wait(900)).toEqual([]);
    expect(job.wait(100)).toEqual(["start m0.1 w2"]);
  });
});

describe("section 3.4, locality", () => {
  test("a map task runs where its split is, if a worker there is free", () => {
    const splits = [{ hosts: ["b"] }, { hosts: ["a"] }, { hosts: ["c"] }];
    const job = new Tracked({ maps: splits, reduces: 1 });
    expect(job.join("w1", 1, "a")).toEqual(["start m1.0 w1"]);
    expect(job.join("w2", 1, "a")).toEqual(["start m0.0 w2"]);
  });
});

describe("section 3.6, backup tasks", () => {
  function slowJob(speculation?: false): Tracked {
    const job = new Tracked(
      { maps: maps(4), reduces: 1 },
      speculation === false ? { speculation } : {},
    );
    job.join("w1");
    for (let task = 0; task < 3; task++) job.finish(`m${task}.0 w1`, {}, 1_000);
    job.join("w2");
    return job;
  }

  test("near the end of a phase, a task that is much slower than the median gets a backup", () => {
    const job = slowJob();
    expect(job.wait(1_999)).toEqual([]);
    expect(job.wait(1)).toEqual(["start m3.1 w2"]);
    expect(job.wait(9_000)).toEqual([]); // one backup at a time
  });

  test("completed when either is: the first counts, and the other is cancelled", () => {
    const job = slowJob();
    job.wait(2_000);
    expect(job.finish("m3.1 w2")).toEqual(["cancel m3.0 w1", "start r0.0 w1"]);
    expect(job.finish("m3.0 w1", { late: 1 })).toEqual(["forget m3.0 w1"]);
    expect(job.tracker.mapOutputs()!.at(-1)).toMatchObject({ worker: "w2" });
    expect(job.tracker.totals().counters).toEqual({});
  });

  test("none while a task is idle, none if turned off", () => {
    expect(slowJob(false).wait(60_000)).toEqual([]);
    const job = new Tracked({ maps: maps(4), reduces: 1 });
    job.join("w1");
    for (let task = 0; task < 2; task++) job.finish(`m${task}.0 w1`);
    expect(job.wait(60_000)).toEqual([]);
  });

  test("a backup whose first attempt failed goes on alone", () => {
    const job = slowJob();
    job.wait(2_000);
    expect(job.fail("m3.0 w1")).toEqual([]);
    expect(job.finish("m3.1 w2")).toEqual(["start r0.0 w1"]);
  });
});

describe("SPARK-9899: one arbiter of the commit", () => {
  test("a commit is asked for once, for the attempt that finished first", () => {
    const job = new Tracked({ maps: [], reduces: 2 }, { speculation: { afterShare: 0.5 } });
    job.join("w1", 2);
    job.finish("r0.0 w1");
    job.commit("r0.0");
    job.join("w2");
    expect(job.wait(2_000)).toEqual(["start r1.1 w2"]);
    expect(job.finish("r1.1 w2")).toEqual(["commit r1.1 w2", "cancel r1.0 w1"].toReversed());
    expect(job.finish("r1.0 w1")).toEqual(["forget r1.0 w1"]);
    expect(job.commit("r1.0")).toEqual([]); // of another attempt: not this one's commit
    expect(job.commit("r1.1")).toEqual(["job-finished"]);
  });

  test("another attempt is committed only after the commit of the first has surely failed", () => {
    const job = new Tracked({ maps: [], reduces: 1 });
    job.join("w1");
    job.finish("r0.0 w1", { n: 1 });
    expect(job.commitFails("r0.0")).toEqual(["start r0.1 w1"]);
    expect(job.finish("r0.1 w1", { n: 2 })).toEqual(["commit r0.1 w1"]);
    expect(job.tracker.totals().counters).toEqual({});
    job.commit("r0.1");
    expect(job.tracker.totals().counters).toEqual({ n: 2 });
  });
});

test("section 4.9: counters are counted once for each task, also of maps that were redone", () => {
  const job = new Tracked({ maps: maps(1), reduces: 2 });
  job.join("w1");
  job.join("w2");
  job.finish("m0.0 w1", { words: 7, __proto__x: 1 });
  job.finish("r1.0 w2");
  job.commit("r1.0");
  expect(job.tracker.totals().counters).toEqual({ words: 7, __proto__x: 1 });
  expect(job.lose("w1")).toEqual(["start m0.1 w2"]);
  expect(job.tracker.totals().counters).toEqual({ words: 7, __proto__x: 1 });
  job.finish("m0.1 w2", { words: 7 });
  expect(job.tracker.totals().counters).toEqual({ words: 7 });
});

test("an option that is out of its range is an invalid job", () => {
  expect(() => new Tracked({ maps: [], reduces: 1 }, { maxAttempts: 0 })).toThrow(
    expect.objectContaining({ code: "invalid-job" }),
  );
  expect(() => new Tracked({ maps: [], reduces: 1 }, { stalledMs: 0 })).toThrow("stalledMs");
  const speculation = { slowerThan: 1 };
  expect(() => new Tracked({ maps: [], reduces: 1 }, { speculation })).toThrow("slowerThan");
});
