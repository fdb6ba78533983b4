import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import {
  checkLinearizability,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
  type OperationHandle,
} from "@quorate/simulation/checker";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyRing } from "../../kv/sim/key-ring.ts";
import { NO_BALLOT } from "../src/index.ts";
import { CONFIG_KEY } from "../src/register/core/register-config.ts";
import type { Operation } from "../src/register/core/operation.ts";
import {
  append,
  collect,
  compareAndSet,
  type Envelope,
  read,
  RegisterCluster,
  put,
} from "./register-cluster.ts";

const RUNS = 100;
const STEPS = 500;
const KEYS = 2;
const MAX_UNDER_WAY = 60;
/** Operations of users at once: the check of a history is exponential in them. */
const MAX_USERS = 4;
/** Writes of unknown outcome after which a key is used no more, for the same reason. */
const MAX_UNKNOWN = 2;

/** Users of all nodes at once, under a scheduler that delivers, loses and crashes as it likes. */
class Schedule {
  readonly #random: Random;
  readonly #cluster: RegisterCluster;
  readonly #history = new History<KeyValueInput, KeyValueOutput>();
  readonly #handles = new Map<Operation, OperationHandle>();
  readonly #asked = new Map<Operation, { readonly at: string; readonly input: KeyValueInput }>();
  readonly #keys = new KeyRing(KEYS, MAX_UNKNOWN);
  readonly #used = new Set<string>();
  readonly #lossProbability: number;
  readonly #maxOvertaken: number;
  readonly #crashes: number;
  #blocked: ReadonlySet<string> = new Set();
  #operations = 0;
  answered = 0;
  isDecided = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const nodes = pick(this.#random, [
      ["n1", "n2", "n3"],
      ["n1", "n2"],
      ["n1", "n2", "n3", "n4"],
    ]);
    this.#cluster = new RegisterCluster(
      nodes,
      { collectAfterMs: pick(this.#random, [50, 1_000_000]), timeoutMs: 300 },
      String(seed),
    );
    this.#lossProbability = pick(this.#random, [0, 0.05, 0.3]);
    this.#maxOvertaken = pick(this.#random, [0, 8, 40]);
    this.#crashes = pick(this.#random, [0, 1, 4]);
    this.#cluster.onSettled = (operation, outcome) => {
      const handle = this.#handles.get(operation);
      if (handle === undefined) return;
      if (outcome.kind === "unknown") return this.#unanswered(operation);
      this.#handles.delete(operation);
      if (outcome.kind === "rejected") return this.#history.fail(handle);
      this.answered++;
      this.#history.complete(handle, outcome.result as KeyValueOutput);
    };
  }

  run(): void {
    this.#cluster.disksAreFast = false;
    for (let step = 0; step < STEPS; step++) this.#step();
    this.#blocked = new Set();
    this.#cluster.disksAreFast = true;
    for (const id of this.#cluster.nodes) this.#cluster.completeWrites(id);
    this.#cluster.run(3_000);
    for (const key of this.#used) {
      for (const id of this.#cluster.nodes) this.#submit(id, { op: "get", key });
      this.#cluster.run(3_000);
    }
    if (this.#handles.size > 0) throw new Error(`${this.#handles.size} operations have no end`);
    const bounds = { maxSteps: 2_000_000 };
    const result = checkLinearizability(this.#history.operations, keyValueModel(), bounds);
    if (result.kind === "violation") throw new Error(JSON.stringify(result, undefined, 1));
    if (result.kind === "linearizable") this.isDecided = true;
  }

  #step(): void {
    const id = pick(this.#random, this.#cluster.nodes);
    const dice = this.#random.next() * 100;
    if (dice < 50) return this.#deliver();
    if (dice < 65) return this.#cluster.completeWrites(id, 1);
    if (dice < 80) return this.#cluster.tick(id, integerBetween(this.#random, 1, 60));
    if (dice < 93) {
      if (this.#handles.size < MAX_USERS) this.#submit(id, this.#draw());
      return;
    }
    if (dice < 95) return this.#cut();
    if (dice < 96)
      return void this.#cluster.submit(id, collect(pick(this.#random, this.#keys.names)));
    if (dice < 96 + this.#crashes) return this.#crash(id);
  }

  #draw(): KeyValueInput {
    const key = pick(this.#random, this.#keys.names);
    const dice = this.#random.next();
    const value = `${this.#operations};`;
    if (dice < 0.3) return { op: "get", key };
    if (dice < 0.6) return { op: "append", key, value };
    if (dice < 0.75) return { op: "put", key, value };
    if (dice < 0.9) return { op: "delete", key };
    return { op: "compareAndSet", key, value: { expected: null, update: value } };
  }

  #submit(id: string, input: KeyValueInput): void {
    const made = { ...operationOf(input), deadlineMs: this.#cluster.core(id).nowMs + 2_000 };
    this.#handles.set(made, this.#history.invoke(`u${this.#operations++}`, input));
    this.#asked.set(made, { at: id, input });
    this.#used.add(input.key);
    this.#cluster.submit(id, made);
  }

  /** Whoever waits there is never answered. */
  #crash(id: string): void {
    for (const [operation, { at }] of this.#asked) if (at === id) this.#unanswered(operation);
    this.#cluster.boot(id);
  }

  #unanswered(operation: Operation): void {
    const { input } = this.#asked.get(operation)!;
    const handle = this.#handles.get(operation);
    if (handle === undefined) return;
    this.#handles.delete(operation);
    if (input.op === "get") this.#history.fail(handle);
    else this.#keys.noteUnknown(input.key);
  }

  #deliver(): void {
    const { network } = this.#cluster;
    while (network.length > MAX_UNDER_WAY) this.#take();
    if (network.length === 0) return;
    const envelope = this.#take();
    if (this.#random.next() < 0.1) network.push(envelope);
    if (this.#random.next() < this.#lossProbability) return;
    if (!this.#blocked.has(`${envelope.from}→${envelope.to}`)) this.#cluster.deliver(envelope);
    else if (this.#random.next() < 0.8) network.push(envelope);
  }

  #take(): Envelope {
    const { network } = this.#cluster;
    const last = Math.min(this.#maxOvertaken, network.length - 1);
    return network.splice(integerBetween(this.#random, 0, last), 1)[0]!;
  }

  #cut(): void {
    const { nodes } = this.#cluster;
    const share = this.#random.next() < 0.4 ? 0 : 0.5 * this.#random.next();
    this.#blocked = new Set(
      nodes.flatMap((from) =>
        nodes.filter(() => this.#random.next() < share).map((to) => `${from}→${to}`),
      ),
    );
  }
}

function operationOf(input: KeyValueInput): Operation {
  const { key } = input;
  switch (input.op) {
    case "get":
      return read(key);
    case "append":
      return append(key, input.value);
    case "put":
      return put(key, input.value);
    case "delete":
      return put(key, null);
    case "compareAndSet":
      return compareAndSet(key, input.value.expected, input.value.update);
  }
}

describe("the register's cores, under a scheduler that does its worst", () => {
  it("what users were told is linearizable for each key, and all of it comes to an end", () => {
    let answered = 0;
    let decided = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const schedule = new Schedule(seed);
        schedule.run();
        answered += schedule.answered;
        if (schedule.isDecided) decided++;
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(answered).toBeGreaterThan(RUNS * 10);
    expect(decided).toBeGreaterThan(RUNS * 0.9);
  });

  it("a configuration of an epoch that has passed is not taken up again", () => {
    const cluster = new RegisterCluster(["n1", "n2", "n3"]);
    const members = ["n1", "n2", "n3"].map((node) => ({ node, birth: 0, joined: 0 }));
    const config = { epoch: 2, members, next: undefined, forgotten: NO_BALLOT };
    cluster.act("n1", (core) => core.adopt(config));
    cluster.act("n1", (core) => core.adopt({ ...config, epoch: 1 }));
    expect(cluster.core("n1").config.epoch).toBe(2);
    expect(cluster.disk("n1").keys.has(CONFIG_KEY)).toBe(false);
  });
});
