import { integerBetween, pick, type Random, seededRandom, shuffled } from "@quorate/runtime";
import {
  sequenceDiagram,
  type SimulationTarget,
  type TargetFailure,
  type TargetResult,
  Trace,
} from "@quorate/simulation";
import {
  checkLinearizability,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
  type OperationHandle,
} from "@quorate/simulation/checker";
import { KeyRing } from "../../kv/sim/key-ring.ts";
import type { Operation } from "../src/register/core/operation.ts";
import {
  append,
  collect,
  compareAndSet,
  type Envelope,
  put,
  read,
  RegisterCluster,
} from "../test/register-cluster.ts";
import { RegisterChange } from "./register-change.ts";

const STEPS = 1_000;
const KEYS = 2;
const MAX_UNDER_WAY = 60;
/** Operations of users at once: the check of a history is exponential in them. */
const MAX_USERS = 4;
/** Writes of unknown outcome after which a key is used no more, for the same reason. */
const MAX_UNKNOWN = 2;
const MAX_CHECK_STEPS = 2_000_000;
/** Simulated time in which everything must come to its end once all messages arrive again. */
const HEALED_MS = 5_000;
/** How long users wait who do not wait for ever. */
const PATIENCE_MS = 2_000;
const COVERAGE = [
  "answers under faults",
  "crashes",
  "changes of members",
  "operations of an earlier epoch",
  "keys forgotten",
  "checked histories",
] as const;

/**
 * The register's cores alone, without driver, disk format or network: users of all nodes at once, members
 * that change, and a scheduler that delivers, loses and crashes as it likes. What users were told must
 * be linearizable for each key, and all of it must come to an end, whoever lost what was sent first.
 */
class RegisterCoreRun {
  readonly #random: Random;
  readonly #cluster: RegisterCluster;
  readonly #history = new History<KeyValueInput, KeyValueOutput>();
  readonly #handles = new Map<Operation, OperationHandle>();
  readonly #asked = new Map<Operation, { readonly at: string; readonly input: KeyValueInput }>();
  readonly #keys = new KeyRing(KEYS, MAX_UNKNOWN);
  readonly #used = new Set<string>();
  readonly #coverage = Object.fromEntries(COVERAGE.map((name) => [name, 0]));
  readonly #trace = new Trace(() => this.#steps);
  readonly #lossProbability: number;
  readonly #maxOvertaken: number;
  readonly #crashes: number;
  /** Of them and of crashes, so many in a hundred steps. */
  readonly #changes: number;
  /** Messages that arrive in one step, and writes that reach a disk: a change takes dozens of them. */
  readonly #burst: number;
  readonly #patienceMs: number;
  #change: RegisterChange | undefined;
  #blocked: ReadonlySet<string> = new Set();
  #operations = 0;
  #answered = 0;
  #steps = 0;

  constructor(seed: string | number) {
    const random = seededRandom(seed).fork("register-core");
    this.#random = random;
    const size = pick(random, [2, 3, 3, 4, 5]);
    const nodes = ["n1", "n2", "n3", "n4", "n5"].slice(0, size);
    this.#changes = pick(random, [0, 1, 2]);
    const first = this.#changes > 0 ? nodes.slice(0, integerBetween(random, 1, size)) : nodes;
    const collectAfterMs = pick(random, [50, 1_000_000]);
    const options = { collectAfterMs, timeoutMs: 300 };
    this.#cluster = new RegisterCluster(nodes, options, String(seed), first);
    this.#lossProbability = pick(random, [0, 0.05, 0.3]);
    this.#maxOvertaken = pick(random, [0, 8, 40]);
    this.#crashes = pick(random, this.#changes > 0 ? [0, 0.3] : [0, 1, 4]);
    this.#burst = this.#changes > 0 ? pick(random, [4, 12]) : 1;
    this.#patienceMs = pick(random, [PATIENCE_MS, Number.POSITIVE_INFINITY]);
    this.#cluster.onSettled = (operation, outcome) => {
      const handle = this.#handles.get(operation);
      if (handle === undefined) return;
      if (outcome.kind === "unknown") return this.#unanswered(operation);
      this.#handles.delete(operation);
      if (outcome.kind === "rejected") return this.#history.fail(handle);
      this.#answered++;
      this.#history.complete(handle, outcome.result as KeyValueOutput);
    };
  }

  run(): TargetResult {
    let failure: TargetFailure | undefined;
    try {
      this.#cluster.disksAreFast = false;
      for (; this.#steps < STEPS; this.#steps++) this.#step();
      this.#cover("answers under faults", this.#answered);
      this.#heal();
      this.#check();
    } catch (error) {
      failure = this.#explain(error);
    }
    const result = {
      operations: this.#answered,
      faults: this.#trace.counts(),
      coverage: this.#coverage,
      events: this.#steps,
      simulatedMs: Math.max(...this.#cluster.nodes.map((id) => this.#cluster.core(id).nowMs)),
      traceHash: this.#trace.hash,
      plan: [],
    };
    return failure ? { ...result, failure } : result;
  }

  #step(): void {
    const id = pick(this.#random, this.#cluster.nodes);
    const dice = this.#random.next() * 100;
    this.#change?.step();
    if (dice < 50) {
      for (let left = this.#burst; left > 0; left--) this.#deliver();
      return;
    }
    if (dice < 68) return this.#cluster.completeWrites(id, this.#burst);
    if (dice < 80) return this.#cluster.tick(id, integerBetween(this.#random, 1, 60));
    if (dice < 90) {
      if (this.#handles.size < MAX_USERS) this.#submit(id, this.#draw());
      return;
    }
    if (dice < 92) return this.#cut();
    if (dice < 93) {
      this.#cluster.submit(id, collect(pick(this.#random, this.#keys.names)));
      return;
    }
    if (dice < 93 + this.#changes) return this.#changeMembers(id);
    if (dice < 96 + this.#crashes) return dice < 96 ? undefined : this.#crash(id);
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
    const { nowMs, config } = this.#cluster.core(id);
    const made = { ...operationOf(input), deadlineMs: nowMs + this.#patienceMs };
    this.#handles.set(made, this.#history.invoke(`u${this.#operations++}`, input));
    this.#asked.set(made, { at: id, input });
    this.#used.add(input.key);
    this.#trace.record(id, input.op, input.key);
    const isBehind = this.#cluster.nodes.some(
      (each) => this.#cluster.core(each).config.epoch > config.epoch,
    );
    if (isBehind) this.#cover("operations of an earlier epoch");
    this.#cluster.submit(id, made);
  }

  #changeMembers(id: string): void {
    if (this.#change && !this.#change.isOver && this.#random.next() < 0.95) return;
    const { nodes } = this.#cluster;
    const target = shuffled(this.#random, nodes).slice(
      0,
      integerBetween(this.#random, 1, nodes.length),
    );
    this.#trace.record(id, "change", target.join(" "));
    this.#change = new RegisterChange(this.#cluster, id, target);
  }

  /** Whoever waits there is never answered. */
  #crash(id: string): void {
    for (const [operation, { at }] of this.#asked) if (at === id) this.#unanswered(operation);
    if (this.#change?.at === id) this.#change = undefined;
    this.#trace.record(id, "crash", "");
    this.#trace.count("crash");
    this.#cover("crashes");
    this.#noteForgotten(id);
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
    if (this.#random.next() < this.#lossProbability) return this.#trace.count("message lost");
    if (!this.#blocked.has(`${envelope.from}→${envelope.to}`)) {
      this.#trace.record(envelope.to, `receive ${envelope.message.kind}`, envelope.from);
      this.#cluster.deliver(envelope);
    } else if (this.#random.next() < 0.8) network.push(envelope);
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
    this.#trace.count("partition");
  }

  /** Everybody hears everybody again: what is under way ends, and all nodes read the same. */
  #heal(): void {
    const cluster = this.#cluster;
    this.#blocked = new Set();
    cluster.disksAreFast = true;
    for (const id of cluster.nodes) cluster.completeWrites(id);
    cluster.run(HEALED_MS);
    for (const key of this.#used) {
      for (const id of cluster.nodes) this.#submit(id, { op: "get", key });
      cluster.run(HEALED_MS);
    }
    for (const id of cluster.nodes) this.#noteForgotten(id);
    const epochs = cluster.nodes.map((id) => cluster.core(id).config.epoch);
    this.#cover("changes of members", Math.floor(Math.max(...epochs) / 2));
    if (this.#handles.size > 0) throw new Error(`${this.#handles.size} operations have no end`);
  }

  #check(): void {
    const bounds = { maxSteps: MAX_CHECK_STEPS };
    const result = checkLinearizability(this.#history.operations, keyValueModel(), bounds);
    if (result.kind === "violation") {
      const shown = result.subHistory.map((operation) => JSON.stringify(operation)).join("\n");
      throw new Error(`not linearizable: ${result.partition}:\n${shown}`);
    }
    if (result.kind === "linearizable") this.#cover("checked histories");
  }

  #noteForgotten(id: string): void {
    this.#cover("keys forgotten", this.#cluster.core(id).collector.collected);
  }

  #cover(name: (typeof COVERAGE)[number], by: number = 1): void {
    this.#coverage[name]! += by;
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: `step ${this.#steps}\n${error instanceof Error ? error.stack : ""}`,
      diagram: sequenceDiagram(this.#trace.recent(), this.#cluster.nodes),
    };
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

const target: SimulationTarget = {
  name: "register-core",
  coverage: COVERAGE,
  run: async (seed) => new RegisterCoreRun(seed).run(),
};

export default target;
