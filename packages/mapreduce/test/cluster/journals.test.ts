import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalLog } from "@quorate/replication";
import { systemClock } from "@quorate/runtime";
import { describe, expect, test } from "vitest";
import {
  fileJournal,
  type JobJournal,
  JournalMachine,
  ReplicatedJournal,
} from "../../src/cluster/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (records: readonly Uint8Array[]): string[] =>
  records.map((record) => new TextDecoder().decode(record));

describe.each(["file", "replicated"])("a %s journal", (kind) => {
  async function withJournals(use: (open: () => JobJournal) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "quorate-journal-"));
    const log = new LocalLog(new JournalMachine());
    try {
      await use(() =>
        kind === "file"
          ? fileJournal(join(folder, "journal"))
          : new ReplicatedJournal(log, "job", systemClock),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test("gives whoever opens it next what was appended, and a higher epoch", () =>
    withJournals(async (open) => {
      const first = open();
      expect(await first.open()).toEqual({ epoch: 1, records: [] });
      await Promise.all(["a", "b", "c"].map((text) => first.append(bytes(text))));
      await first.close();
      const second = open();
      const { epoch, records } = await second.open();
      expect(epoch).toBe(2);
      expect(texts(records)).toEqual(["a", "b", "c"]);
      await second.append(bytes("d"));
      await second.close();
      const third = open();
      expect(texts((await third.open()).records)).toEqual(["a", "b", "c", "d"]);
      await third.close();
    }));

  test("takes nothing after it was closed", () =>
    withJournals(async (open) => {
      const journal = open();
      await journal.open();
      await journal.close();
      await expect(journal.append(bytes("late"))).rejects.toThrow(/closed/);
    }));
});

describe("a replicated journal", () => {
  test("of two masters at once, the earlier one can append nothing any more", async () => {
    const log = new LocalLog(new JournalMachine());
    const [earlier, later] = [1, 2].map(() => new ReplicatedJournal(log, "job", systemClock));
    await earlier!.open();
    await earlier!.append(bytes("a"));
    await later!.open();
    await expect(earlier!.append(bytes("b"))).rejects.toMatchObject({ code: "journal-failed" });
    await expect(earlier!.append(bytes("c"))).rejects.toMatchObject({ code: "journal-failed" });
    await later!.append(bytes("d"));
    expect(log.machine.records("job")).toEqual(["a", "d"]);
  });

  test("a retry of what is in the log already adds nothing", () => {
    const machine = new JournalMachine();
    const apply = (command: object): unknown =>
      JSON.parse(
        new TextDecoder().decode(
          machine.apply([{ index: 1, command: bytes(JSON.stringify(command)) }])[0],
        ),
      );
    const journal = "job";
    expect(apply({ kind: "open", journal })).toEqual({ kind: "done", epoch: 1 });
    const append = { kind: "append", journal, epoch: 1, at: 0, record: "a" };
    expect(apply(append)).toEqual({ kind: "done", epoch: 1 });
    expect(apply(append)).toEqual({ kind: "done", epoch: 1 });
    expect(machine.records(journal)).toEqual(["a"]);
    expect(apply({ ...append, epoch: 0 })).toEqual({ kind: "fenced", epoch: 1 });
    apply({ kind: "remove", journal });
    expect(machine.records(journal)).toEqual([]);
  });

  test("a snapshot has all journals, with their epochs, also in small chunks", async () => {
    const machine = new JournalMachine();
    const log = new LocalLog(machine);
    for (const name of ["one", "zwölf"]) {
      const journal = new ReplicatedJournal(log, name, systemClock);
      await journal.open();
      await journal.append(bytes(`{"text":"naïve\\n"}`));
    }
    const copy = new JournalMachine();
    await copy.restore(inSmallPieces(machine.snapshot()));
    expect(copy.records("zwölf")).toEqual(machine.records("zwölf"));
    const { epoch } = await new ReplicatedJournal(new LocalLog(copy), "one", systemClock).open();
    expect(epoch).toBe(2);
  });
});

async function* inSmallPieces(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 3) yield chunk.subarray(at, at + 3);
  }
}
