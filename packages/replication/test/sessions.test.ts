import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../src/compliance/ledger.ts";
import {
  type Applied,
  encodeLogCommand,
  type LogCommand,
  type SessionOptions,
  SessionedStateMachine,
} from "../src/index.ts";

/** Feeds log commands as a log would, one index after the other, in batches of the given sizes. */
function feed(
  machine: SessionedStateMachine,
  commands: readonly LogCommand[],
  batchSizes: readonly number[] = [1],
): Applied[] {
  const entries = commands.map((command, at) => ({
    index: at + 1,
    command: encodeLogCommand(command),
  }));
  const applied: Applied[] = [];
  for (let at = 0, batch = 0; at < entries.length; batch++) {
    const size = batchSizes[batch % batchSizes.length]!;
    applied.push(...machine.apply(entries.slice(at, at + size)));
    at += size;
  }
  return applied;
}

function open(timeMs = 0): LogCommand {
  return { kind: "open-session", timeMs };
}

function inSession(
  sessionId: number,
  sequence: number,
  text: string,
  { timeMs = 0, answeredBelow = 1 } = {},
): LogCommand {
  const session = { sessionId, sequence, answeredBelow };
  return { kind: "session", timeMs, session, command: new TextEncoder().encode(text) };
}

function sessioned(options?: SessionOptions): {
  ledger: Ledger;
  machine: SessionedStateMachine<Ledger>;
} {
  const ledger = new Ledger();
  return { ledger, machine: new SessionedStateMachine(ledger, options) };
}

function shown(applied: readonly Applied[]): string[] {
  return applied.map((one) =>
    one.kind === "result" ? new TextDecoder().decode(one.result) : one.kind,
  );
}

describe("sessions (Raft dissertation, §6.3)", () => {
  it("a command that stands in the log twice is applied once, with the same result both times", () => {
    const { ledger, machine } = sessioned();
    const applied = feed(machine, [
      open(),
      inSession(1, 1, "a"),
      inSession(1, 2, "b"),
      inSession(1, 1, "a"),
    ]);
    expect(shown(applied)).toEqual(["session-opened", "1", "2", "1"]);
    expect(ledger.lines).toEqual(["a", "b"]);
  });

  it("a retry that stands in the same batch as its first try gets the first's result", () => {
    const { ledger, machine } = sessioned();
    const applied = feed(machine, [open(), inSession(1, 1, "a"), inSession(1, 1, "a")], [3]);
    expect(shown(applied)).toEqual(["session-opened", "1", "1"]);
    expect(ledger.lines).toEqual(["a"]);
  });

  it("commands may arrive in another order than that of their numbers", () => {
    const { ledger, machine } = sessioned();
    feed(machine, [
      open(),
      inSession(1, 3, "c"),
      inSession(1, 1, "a"),
      inSession(1, 2, "b"),
      inSession(1, 3, "c"),
    ]);
    expect(ledger.lines).toEqual(["c", "a", "b"]);
  });

  it("sequence numbers of one session mean nothing in another", () => {
    const { ledger, machine } = sessioned();
    feed(machine, [open(), open(), inSession(1, 1, "a"), inSession(2, 1, "b")]);
    expect(ledger.lines).toEqual(["a", "b"]);
  });

  it("what was answered is forgotten; to ask for it again is refused, and applies nothing", () => {
    const { ledger, machine } = sessioned();
    const applied = feed(machine, [
      open(),
      inSession(1, 1, "a"),
      inSession(1, 2, "b", { answeredBelow: 2 }),
      inSession(1, 1, "a"),
    ]);
    expect(shown(applied).at(-1)).toBe("session-expired");
    expect(ledger.lines).toEqual(["a", "b"]);
  });

  it("maxResultsPerSession: the oldest result is forgotten, and a retry of it applies nothing", () => {
    const { ledger, machine } = sessioned({ maxResultsPerSession: 2 });
    const applied = feed(machine, [
      open(),
      ...[1, 2, 3].map((sequence) => inSession(1, sequence, `${sequence}`)),
      inSession(1, 1, "1"),
      inSession(1, 2, "2"),
    ]);
    expect(shown(applied).slice(-2)).toEqual(["session-expired", "2"]);
    expect(ledger.lines).toEqual(["1", "2", "3"]);
  });

  it("maxSessions: one more pushes out the session that was used the longest ago", () => {
    const { machine } = sessioned({ maxSessions: 2 });
    const applied = feed(machine, [
      open(),
      open(),
      inSession(1, 1, "used"),
      open(),
      inSession(2, 1, "pushed out"),
      inSession(1, 2, "still there"),
    ]);
    expect(shown(applied).slice(-2)).toEqual(["session-expired", "2"]);
  });

  it("raft.md 26: a session expires by the time in the log, and time never goes back", () => {
    const { machine } = sessioned({ sessionTtlMs: 100 });
    const applied = feed(machine, [
      open(1_000),
      inSession(1, 1, "in time", { timeMs: 1_099 }),
      inSession(1, 2, "used since", { timeMs: 1_150 }),
      inSession(1, 3, "the clock of another leader", { timeMs: 900 }),
      inSession(1, 4, "late", { timeMs: 1_250 }),
    ]);
    expect(shown(applied)).toEqual(["session-opened", "1", "2", "3", "session-expired"]);
    expect(machine.timeMs).toBe(1_250);
  });

  it("plain commands pass through, twice if they stand there twice", () => {
    const { ledger, machine } = sessioned();
    const plain: LogCommand = { kind: "plain", command: new TextEncoder().encode("p") };
    expect(shown(feed(machine, [plain, plain]))).toEqual(["1", "2"]);
    expect(ledger.lines).toEqual(["p", "p"]);
  });

  it("bytes that are no log command stop the node, and are not passed on", () => {
    const { ledger, machine } = sessioned();
    const entry = { index: 1, command: new Uint8Array([9, 9, 9]) };
    expect(() => machine.apply([entry])).toThrow("unknown kind 9");
    expect(ledger.lines).toEqual([]);
  });

  it("a state machine that gives too few results stops the node", () => {
    const { ledger, machine } = sessioned();
    ledger.apply = () => [];
    const plain = encodeLogCommand({ kind: "plain", command: new Uint8Array(0) });
    expect(() => machine.apply([{ index: 1, command: plain }])).toThrow("0 results to 1 commands");
  });

  it.each([
    [{ sessionTtlMs: 0 }, "sessionTtlMs"],
    [{ maxSessions: 0 }, "maxSessions"],
    [{ maxResultsPerSession: 1.5 }, "maxResultsPerSession"],
  ])("an option out of range is refused by name: %j", (options, name) => {
    expect(() => new SessionedStateMachine(new Ledger(), options)).toThrow(name);
  });
});

const arbitraryCommand: fc.Arbitrary<LogCommand> = fc.oneof(
  { weight: 1, arbitrary: fc.nat(500).map(open) },
  {
    weight: 8,
    arbitrary: fc
      .record({
        sessionId: fc.integer({ min: 1, max: 6 }),
        sequence: fc.integer({ min: 1, max: 8 }),
        timeMs: fc.nat(500),
        answeredBelow: fc.integer({ min: 1, max: 6 }),
      })
      .map(({ sessionId, sequence, timeMs, answeredBelow }) =>
        inSession(sessionId, sequence, `${sessionId}/${sequence}`, {
          timeMs,
          // A client asks for no sequence number that it has the answer to.
          answeredBelow: Math.min(answeredBelow, sequence),
        }),
      ),
  },
);

const OPTIONS = { sessionTtlMs: 300, maxSessions: 3, maxResultsPerSession: 4 };

async function snapshotOf(machine: SessionedStateMachine): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of machine.snapshot()) chunks.push(chunk.slice());
  return chunks;
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}

describe("sessions on all nodes alike", () => {
  it("no command of a session that lives is ever applied twice", () => {
    fc.assert(
      fc.property(fc.array(arbitraryCommand, { maxLength: 60 }), (commands) => {
        const { ledger, machine } = sessioned();
        feed(machine, [
          open(),
          open(),
          open(),
          ...commands.filter(({ kind }) => kind === "session"),
        ]);
        expect(new Set(ledger.lines).size).toBe(ledger.lines.length);
      }),
    );
  });

  it("results and state do not depend on where the log is cut into batches", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryCommand, { maxLength: 60 }),
        sizes,
        async (commands, cut) => {
          const one = sessioned(OPTIONS);
          const other = sessioned(OPTIONS);
          expect(feed(other.machine, commands, cut)).toEqual(feed(one.machine, commands));
          expect(await snapshotOf(other.machine)).toEqual(await snapshotOf(one.machine));
        },
      ),
    );
  });

  it("a node that begins from a snapshot goes on exactly as the one that gave it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryCommand, { maxLength: 40 }),
        fc.array(arbitraryCommand, { maxLength: 40 }),
        async (before, after) => {
          const giver = sessioned(OPTIONS);
          feed(giver.machine, before);
          const taker = sessioned(OPTIONS);
          await taker.machine.restore(each(await snapshotOf(giver.machine)));
          expect(feed(taker.machine, after)).toEqual(feed(giver.machine, after));
          expect(taker.ledger.lines).toEqual(giver.ledger.lines);
        },
      ),
    );
  });

  it("a snapshot that ends too early is refused, and the old state stays", async () => {
    const giver = sessioned();
    feed(giver.machine, [open(), inSession(1, 1, "a")]);
    const [size, table] = await snapshotOf(giver.machine);
    const taker = sessioned();
    feed(taker.machine, [open(), inSession(1, 1, "kept")]);
    const broken = each([size!, table!.subarray(0, 10)]);
    await expect(taker.machine.restore(broken)).rejects.toMatchObject({ code: "corrupt" });
    expect(taker.ledger.lines).toEqual(["kept"]);
    expect(shown(feed(taker.machine, [inSession(1, 1, "kept")]))).toEqual(["1"]);
  });

  it.each([0.5, -1, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY])(
    "a snapshot that claims %d bytes of sessions is refused at once",
    async (bytes) => {
      const size = new Uint8Array(Float64Array.of(bytes).buffer);
      const restoring = sessioned().machine.restore(each([size, new Uint8Array(100)]));
      await expect(restoring).rejects.toMatchObject({ code: "corrupt" });
    },
  );

  it("chunk borders mean nothing", async () => {
    const giver = sessioned();
    feed(giver.machine, [open(), inSession(1, 1, "a"), inSession(1, 2, "b")]);
    const whole = Buffer.concat(await snapshotOf(giver.machine));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (cuts) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, cut = 0; at < whole.length; at += cuts[cut++ % cuts.length]!) {
            chunks.push(whole.subarray(at, at + cuts[cut % cuts.length]!));
          }
          const taker = sessioned();
          await taker.machine.restore(each(chunks));
          expect(taker.ledger.lines).toEqual(["a", "b"]);
        },
      ),
    );
  });
});
