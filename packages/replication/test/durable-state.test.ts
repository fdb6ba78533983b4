import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Applied,
  type Committed,
  type DurableState,
  encodeLogCommand,
  SessionedStateMachine,
  type StateMachine,
} from "../src/index.ts";

/** What a crash leaves: records, and the commands that were applied, as of the last batch. */
interface Disk {
  readonly records: Map<string, Uint8Array>;
  readonly applied: string[];
}

/** Keeps on its "disk" what it applied; a crash can come before a batch ends. */
class DiskMachine implements StateMachine {
  disk: Disk;
  readonly durable: DurableState;

  constructor(disk: Disk) {
    this.disk = disk;
    this.durable = {
      batch: (run) => run(),
      flush: async () => {},
      get: (name) => this.disk.records.get(name),
      set: (name, value) => void this.disk.records.set(name, value),
      delete: (name) => void this.disk.records.delete(name),
      startingWith: (prefix) => [...this.disk.records].filter(([name]) => name.startsWith(prefix)),
    };
  }

  apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.map(({ command }) => {
      this.disk.applied.push(Buffer.from(command).toString());
      return Uint8Array.from(Buffer.from(`${this.disk.applied.length}`));
    });
  }

  async *snapshot(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify(this.disk.applied));
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const applied = JSON.parse(Buffer.concat(parts).toString()) as string[];
    this.disk = { records: new Map(), applied };
  }
}

function copyOf({ records, applied }: Disk): Disk {
  return { records: new Map(records), applied: [...applied] };
}

function empty(): Disk {
  return { records: new Map(), applied: [] };
}

/** Logs in which sessions open, commands come and come again, and time passes. */
const step = fc.record({
  kind: fc.constantFrom("open-session", "session", "session", "session", "plain"),
  session: fc.nat(5),
  sequence: fc.integer({ min: 1, max: 6 }),
  answered: fc.nat(3),
  afterMs: fc.nat(40),
});
const log = fc.array(step, { minLength: 1, maxLength: 40, size: "max" }).map((steps) => {
  const opened: number[] = [];
  let timeMs = 0;
  return steps.map((each, at): Committed => {
    const index = at + 1;
    timeMs += each.afterMs;
    const command = Buffer.from(`${each.session}/${each.sequence}`);
    if (each.kind === "open-session") {
      opened.push(index);
      return { index, command: encodeLogCommand({ kind: "open-session", timeMs }) };
    }
    if (each.kind === "plain")
      return { index, command: encodeLogCommand({ kind: "plain", command }) };
    const session = {
      sessionId: opened[each.session % (opened.length || 1)] ?? 99,
      sequence: each.sequence,
      answeredBelow: Math.max(1, each.sequence - each.answered),
    };
    return { index, command: encodeLogCommand({ kind: "session", timeMs, session, command }) };
  });
});

const sessions = { maxSessions: 2, maxResultsPerSession: 3, sessionTtlMs: 100 };

describe("a state machine that keeps its state on disk", () => {
  it("after a crash at any batch goes on from where it was, sessions and results too", () => {
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 5 }), fc.nat(), (entries, size, crash) => {
        const never = new SessionedStateMachine(new DiskMachine(empty()), sessions);
        let machine = new DiskMachine(empty());
        let node = new SessionedStateMachine(machine, sessions);
        let left = crash % entries.length;
        for (let at = 0; at < entries.length; at += size) {
          const batch = entries.slice(at, at + size);
          const upTo = { index: batch.at(-1)!.index, term: 1 };
          const expected: Applied[] = never.apply(batch, upTo);
          if (left-- === 0) {
            // The batch is lost, and all that the process knew; the log has it still.
            const disk = copyOf(machine.disk);
            node.apply(batch, upTo);
            machine = new DiskMachine(disk);
            node = new SessionedStateMachine(machine, sessions);
            expect(node.position?.index ?? 0).toBe(at);
          }
          expect(node.apply(batch, upTo)).toEqual(expected);
          expect(node.position).toEqual(upTo);
        }
        expect(machine.disk.applied).toEqual(never.machine.disk.applied);
        expect(node.sessionCount).toBe(never.sessionCount);
        expect(node.timeMs).toBe(never.timeMs);
      }),
      { numRuns: 500 },
    );
  });

  it("takes over a snapshot with its place; until that is noted, it holds nothing that counts", async () => {
    const other = new SessionedStateMachine(new DiskMachine(empty()));
    other.apply([
      { index: 1, command: encodeLogCommand({ kind: "open-session", timeMs: 5 }) },
      { index: 2, command: encodeLogCommand({ kind: "plain", command: Buffer.from("x") }) },
    ]);
    const machine = new DiskMachine(empty());
    const node = new SessionedStateMachine(machine);
    const restoring = node.restore(other.snapshot(), { index: 2, term: 1 });
    expect(new SessionedStateMachine(new DiskMachine(copyOf(machine.disk))).position).toBe(
      undefined,
    );
    await restoring;
    const again = new SessionedStateMachine(new DiskMachine(copyOf(machine.disk)));
    expect(again.position).toEqual({ index: 2, term: 1 });
    expect(again.sessionCount).toBe(1);
    expect(again.timeMs).toBe(5);
  });

  it("one that keeps nothing has no place", () => {
    const plain = { apply: () => [], async *snapshot() {}, restore: async () => {} };
    const node = new SessionedStateMachine(plain);
    node.apply([], { index: 3, term: 1 });
    expect(node.position).toBeUndefined();
  });
});
