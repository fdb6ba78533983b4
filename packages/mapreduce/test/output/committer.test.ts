import { join } from "node:path";
import { seededRandom } from "@quorate/runtime";
import { describe, expect, it } from "vitest";
import { OutputCommitter } from "../../src/output/committer.ts";
import { recoverOutput } from "../../src/output/recover-output.ts";
import { MemoryDisk, type Survival } from "../../src/testing/index.ts";

const OUTPUT = "/data/out";

function write(disk: MemoryDisk, path: string, text: string): void {
  const file = disk.create(path);
  file.append(Buffer.from(text));
  file.sync();
  file.close();
}

function contentOf(disk: MemoryDisk, path: string): string {
  const file = disk.open(path);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  return bytes.toString();
}

/** All files below a folder with what they hold, and none for `_SUCCESS`, which says who wrote it. */
function filesIn(disk: MemoryDisk, folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of disk.list(folder)) {
    const path = join(folder, name);
    if (!disk.isFolder(path)) files[name] = contentOf(disk, path);
    else {
      for (const [below, text] of Object.entries(filesIn(disk, path))) {
        files[`${name}/${below}`] = text;
      }
    }
  }
  return files;
}

/** What stands at the output's name: the text of its parts, checked to be of one job, or nothing. */
function outputOf(disk: MemoryDisk): string {
  if (!disk.exists(OUTPUT)) return "nothing";
  const { _SUCCESS: success, ...parts } = filesIn(disk, OUTPUT);
  const texts = new Set(Object.values(parts));
  expect(texts.size).toBe(1);
  const [text = ""] = texts;
  expect(Object.keys(parts)).toEqual(["part-00000", "place=far/part-00001"]);
  expect(JSON.parse(success ?? "")).toEqual({ job: text, tasks: 2 });
  return text;
}

/** A job of two tasks, one of which was tried twice; each part holds the job's name. */
function runJob(disk: MemoryDisk, job: string, overwrite: boolean): void {
  const committer = new OutputCommitter({ output: OUTPUT, job, overwrite }, { disk });
  committer.begin();
  const first = committer.makeAttemptFolder({ task: 0, attempt: 0 });
  write(disk, `${first}/part-00000`, "of an attempt that does not count");
  const second = committer.makeAttemptFolder({ task: 0, attempt: 1 });
  write(disk, `${second}/part-00000`, job);
  committer.commitTask({ task: 0, attempt: 1 });
  const other = committer.makeAttemptFolder({ task: 1, attempt: 0 });
  disk.makeFolder(`${other}/place=far`);
  write(disk, `${other}/place=far/part-00001`, job);
  committer.commitTask({ task: 1, attempt: 0 });
  committer.commitJob(2);
}

function diskWith(job: string | undefined): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeFolder("/data");
  disk.syncFolder("/");
  if (job !== undefined) runJob(disk, job, false);
  return disk;
}

const SURVIVALS: [name: string, survival: () => Survival][] = [
  ["nothing", () => "nothing"],
  ["all", () => "all"],
  ...Array.from({ length: 4 }, (_, seed): [string, () => Survival] => [
    `some (${seed})`,
    () => seededRandom(`survival-${seed}`),
  ]),
];

/** Runs `action` on a disk as `prepare` makes it, stopped at its first operation, its second …. */
function crashingEverywhere(
  prepare: () => MemoryDisk,
  action: (disk: MemoryDisk) => void,
  survival: () => Survival,
  check: (disk: MemoryDisk, at: number, isDone: boolean) => void,
): number {
  for (let at = 1; ; at += 1) {
    const disk = prepare();
    disk.stopAt(disk.operations + at);
    let isDone = true;
    try {
      action(disk);
    } catch {
      isDone = false;
    }
    disk.crash(survival());
    check(disk, at, isDone);
    if (isDone) return at;
  }
}

describe("OutputCommitter", () => {
  it("makes one output of the attempts that were committed, and leaves nothing else", () => {
    const disk = diskWith("first");
    expect(outputOf(disk)).toBe("first");
    expect(disk.list("/data")).toEqual(["out"]);
  });

  it("SPARK-9899: no attempt writes into the output's folder, and one attempt of a task counts", () => {
    const disk = diskWith(undefined);
    const committer = new OutputCommitter({ output: OUTPUT, job: "j" }, { disk });
    committer.begin();
    const folders = [0, 1].map((attempt) => committer.makeAttemptFolder({ task: 0, attempt }));
    for (const [attempt, folder] of folders.entries()) {
      expect(folder.startsWith(`${OUTPUT}/`)).toBe(false);
      write(disk, `${folder}/part-00000`, `attempt ${attempt}`);
    }
    expect(committer.commitTask({ task: 0, attempt: 1 })).toBe(true);
    expect(committer.commitTask({ task: 0, attempt: 0 })).toBe(false);
    expect(disk.exists(OUTPUT)).toBe(false);
    committer.commitJob(1);
    expect(filesIn(disk, OUTPUT)).toMatchObject({ "part-00000": "attempt 1" });
  });

  it("output-exists: without overwrite at the beginning, and also when it comes to be later", () => {
    const disk = diskWith("first");
    const exists = expect.objectContaining({ code: "output-exists" });
    expect(() => runJob(disk, "second", false)).toThrow(exists);
    expect(outputOf(disk)).toBe("first");

    const late = new OutputCommitter({ output: "/data/late", job: "late" }, { disk });
    late.begin();
    disk.makeFolder("/data/late");
    expect(() => late.commitJob(0)).toThrow(exists);
    late.abort();
    expect(disk.list("/data")).toEqual(["late", "out"]);
  });

  it("overwrites outputs of jobs, and no folder that is something else", () => {
    const disk = diskWith(undefined);
    disk.makeFolder(OUTPUT);
    runJob(disk, "over-an-empty-folder", true);
    runJob(disk, "second", true);
    expect(outputOf(disk)).toBe("second");
    disk.remove(`${OUTPUT}/_SUCCESS`);
    expect(() => runJob(disk, "third", true)).toThrow("is no job's output, and is not overwritten");
    expect(disk.list(OUTPUT)).toEqual(["part-00000", "place=far"]);
  });

  it("a job whose task has committed nothing is not committed", () => {
    const disk = diskWith(undefined);
    const committer = new OutputCommitter({ output: OUTPUT, job: "j" }, { disk });
    committer.begin();
    expect(() => committer.commitJob(1)).toThrow("task 0 has committed no attempt");
    committer.abort();
    expect(disk.list("/data")).toEqual([]);
  });

  it("a task that was committed stays so after a crash", () => {
    const disk = diskWith(undefined);
    const options = { output: OUTPUT, job: "j" };
    const committer = new OutputCommitter(options, { disk });
    committer.begin();
    const attempt = { task: 0, attempt: 0 };
    const folder = committer.makeAttemptFolder(attempt);
    disk.makeFolder(`${folder}/place=far`);
    write(disk, `${folder}/place=far/part-00000`, "j");
    committer.commitTask(attempt);
    disk.crash();
    new OutputCommitter(options, { disk }).commitJob(1);
    disk.crash();
    expect(filesIn(disk, OUTPUT)).toMatchObject({ "place=far/part-00000": "j" });
  });

  it("a full disk is no-space, and abort leaves what was there before", () => {
    const disk = diskWith("first");
    disk.fail(({ kind, path }) => kind === "append" && path.endsWith("_SUCCESS"), "no-space");
    const committer = new OutputCommitter(
      { output: OUTPUT, job: "second", overwrite: true },
      { disk },
    );
    committer.begin();
    expect(() => committer.commitJob(0)).toThrow(expect.objectContaining({ code: "no-space" }));
    committer.abort();
    expect(outputOf(disk)).toBe("first");
    expect(disk.list("/data")).toEqual(["out"]);
  });

  describe.each(SURVIVALS)(
    "a crash at any operation, of what is not durable survives %s",
    (_, survival) => {
      it("leaves nothing or the whole new output, where there was none", () => {
        const prepare = (): MemoryDisk => diskWith(undefined);
        const seen = new Set<string>();
        const operations = crashingEverywhere(
          prepare,
          (disk) => runJob(disk, "new", false),
          survival,
          (disk, _at, isDone) => {
            recoverOutput(disk, OUTPUT);
            seen.add(outputOf(disk));
            if (isDone) expect(outputOf(disk)).toBe("new");
          },
        );
        expect(operations).toBeGreaterThan(40);
        expect([...seen].sort()).toEqual(["new", "nothing"]);
      });

      it("leaves the old or the new output, and once that is the new one it stays", () => {
        const prepare = (): MemoryDisk => diskWith("old");
        const seen = new Set<string>();
        crashingEverywhere(
          prepare,
          (disk) => runJob(disk, "new", true),
          survival,
          (disk, _at, isDone) => {
            recoverOutput(disk, OUTPUT);
            const found = outputOf(disk);
            seen.add(found);
            disk.crash();
            recoverOutput(disk, OUTPUT);
            expect(outputOf(disk)).toBe(found);
            if (isDone) expect(found).toBe("new");
          },
        );
        expect([...seen].sort()).toEqual(["new", "old"]);
      });

      it("crashing once more at any operation of the recovery changes nothing of that", () => {
        const prepare = (): MemoryDisk => diskWith("old");
        let recoveries = 0;
        const interrupted = (at: number): MemoryDisk => {
          const disk = prepare();
          disk.stopAt(disk.operations + at);
          expect(() => runJob(disk, "new", true)).toThrow("io-error");
          disk.crash(survival());
          return disk;
        };
        const all = crashingEverywhere(
          prepare,
          (disk) => runJob(disk, "new", true),
          survival,
          () => undefined,
        );
        for (let at = 1; at < all; at += 1) {
          if (!interrupted(at).exists("/data/.out.replacing")) continue;
          crashingEverywhere(
            () => interrupted(at),
            (disk) => recoverOutput(disk, OUTPUT),
            survival,
            (disk) => {
              recoverOutput(disk, OUTPUT);
              expect(outputOf(disk)).toBe("new");
              recoveries += 1;
            },
          );
        }
        expect(recoveries).toBeGreaterThan(0);
      });

      it("the same job can be taken up again from what it had committed", () => {
        crashingEverywhere(
          () => diskWith("old"),
          (disk) => runJob(disk, "new", true),
          survival,
          (disk) => {
            const options = { output: OUTPUT, job: "new", overwrite: true };
            const committer = new OutputCommitter(options, { disk });
            if (!committer.isCommitted()) runJob(disk, "new", true);
            expect(outputOf(disk)).toBe("new");
            expect(disk.list("/data")).toEqual(["out"]);
          },
        );
      });
    },
  );

  it("abort after a failure at any operation leaves the old or the new output, and no more", () => {
    for (let at = 1; ; at += 1) {
      const disk = diskWith("old");
      const failing = disk.operations + at;
      disk.fail(({ number }) => number === failing);
      try {
        runJob(disk, "new", true);
      } catch {
        new OutputCommitter({ output: OUTPUT, job: "new", overwrite: true }, { disk }).abort();
      }
      if (disk.operations < failing) break;
      expect(["old", "new"]).toContain(outputOf(disk));
      expect(disk.list("/data")).toEqual(["out"]);
    }
  });

  it("two processes that finish the same replacement do not get into each other's way", () => {
    const steps = crashingEverywhere(
      () => diskWith("old"),
      (disk) => runJob(disk, "new", true),
      () => "all",
      () => undefined,
    );
    for (let at = 1; at < steps; at += 1) {
      const disk = diskWith("old");
      const start = disk.operations;
      // Another process finishes it, just before this one does its operation number `at`.
      let isOther = false;
      disk.fail(({ number }) => {
        if (!isOther && number === start + at) {
          isOther = true;
          recoverOutput(disk, OUTPUT);
        }
        return false;
      });
      runJob(disk, "new", true);
      expect(outputOf(disk)).toBe("new");
      expect(disk.list("/data")).toEqual(["out"]);
    }
  });
});
