import { pick } from "@quorate/runtime";
import {
  FAULT_KINDS,
  isOfTheDisk,
  type NodeEnvironment,
  type SimulatedNode,
  type SimulationTarget,
  type SwarmContext,
  type SwarmRun,
  swarmTarget,
} from "@quorate/simulation";
import {
  checkLinearizability,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
} from "@quorate/simulation/checker";
import { KeyRing } from "../../kv/sim/key-ring.ts";
import {
  createRegisterNode,
  LogRegisterStorage,
  type PaxosError,
  type RegisterNode,
  type RegisterStorage,
} from "../src/register/index.ts";
import { DurableStates } from "./durable-states.ts";
import { RegisterChanger } from "./register-changer.ts";
import { REGISTER_COVERAGE, type RegisterCoverage } from "./register-coverage.ts";
import { RegisterUser, type RegisterUserWorld } from "./register-user.ts";

const USERS = 4;
const SHARED_KEYS = 3;
/** Writes of unknown outcome after which a key is retired; those under way then may join. */
const MAX_UNKNOWN = 2;
/** Steps of the search: some seconds, which no history with so few unknown writes a key needs. */
const MAX_STEPS = 20_000_000;

/**
 * The register's nodes with their logs on faulty disks, and users who ask any of them. What they were
 * told must be linearizable for each key, whatever is deleted, forgotten, wiped or exchanged meanwhile;
 * and a majority that is well must serve, each of its nodes.
 */
class RegisterRun implements SwarmRun<RegisterNode> {
  readonly #context: SwarmContext<RegisterNode>;
  readonly #history = new History<KeyValueInput, KeyValueOutput>();
  readonly #keys = new KeyRing(SHARED_KEYS, MAX_UNKNOWN);
  readonly #users: readonly RegisterUser[];
  readonly #world: RegisterUserWorld;
  readonly #changer: RegisterChanger | undefined;
  readonly #collectAfterMs: number;
  readonly #cacheBytes: number;
  readonly #booted = new Set<string>();
  readonly #births = new Map<string, number>();
  readonly #durable = new DurableStates();
  readonly #collected = new Map<RegisterNode, number>();
  #working: Promise<unknown> = Promise.resolve();
  #isEnding = false;
  #hasEnded = false;

  constructor(context: SwarmContext<RegisterNode>) {
    this.#context = context;
    const draws = context.random.fork("register");
    this.#collectAfterMs = pick(draws, [20, 200, 2_000]);
    // So little that every other request finds its key on disk.
    this.#cacheBytes = pick(draws, [500, 1_000_000]);
    const cover = (name: RegisterCoverage): void => this.#cover(name);
    this.#world = { context, keys: this.#keys, history: this.#history, cover };
    const thinkMs = pick(draws, [20, 100, 500]);
    this.#users = Array.from(
      { length: USERS },
      (_, at) => new RegisterUser(`u${at + 1}`, this.#world, thinkMs),
    );
    const meanGapMs = pick(draws, [undefined, 1_000, 5_000]);
    this.#changer = meanGapMs ? new RegisterChanger(context, cover, meanGapMs) : undefined;
  }

  async boot(environment: NodeEnvironment): Promise<RegisterNode> {
    const { name, clock, random, transport, fileSystem } = environment;
    const members = this.#context.swarm.names;
    const directory = `/${name}`;
    const bootstrap = !this.#booted.has(name);
    this.#booted.add(name);
    await transport.start();
    const storage = new LogRegisterStorage(
      { directory, nodeId: name, bootstrap, members, segmentBytes: 8_192, slackRecords: 50 },
      fileSystem,
      random.fork("storage"),
    );
    const node = createRegisterNode(
      {
        ...{ members, directory, bootstrap, timeoutMs: 2_000, maxBackoffMs: 2_000 },
        ...{ collectAfterMs: this.#collectAfterMs, cacheBytes: this.#cacheBytes },
      },
      { transport, storage: this.#counted(name, storage), clock, random },
    );
    await node.start();
    if (!bootstrap) this.#cover("restarts");
    if (!node.status().votes) this.#cover("nodes without a vote");
    node.onFailure((error) => this.#failed(name, node, error));
    return node;
  }

  startUsers(): void {
    const { world } = this.#context;
    const all = this.#users.map((user) => user.run());
    if (this.#changer) all.push(this.#changer.run());
    this.#working = Promise.all(all).catch((error: unknown) => world.fail(error));
  }

  check(): void {
    for (const { instance } of this.#context.running()) {
      const { keysCollected, promisedKeys } = instance!.metrics();
      this.#cover("keys forgotten by all", keysCollected - (this.#collected.get(instance!) ?? 0));
      this.#collected.set(instance!, keysCollected);
      if (promisedKeys > 0) this.#cover("promises kept");
    }
  }

  isSettled(core: readonly SimulatedNode<RegisterNode>[]): boolean {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#finish(core).catch((error: unknown) => this.#context.world.fail(error));
    }
    return this.#hasEnded;
  }

  checkEnd(): void {
    const bounds = { maxSteps: MAX_STEPS };
    const result = checkLinearizability(this.#history.operations, keyValueModel(), bounds);
    if (result.kind === "linearizable") return this.#cover("checked histories");
    const why =
      result.kind === "violation"
        ? `of ${result.operations} operations on ${result.partition} these cannot be in any order:\n` +
          result.subHistory.map((operation) => JSON.stringify(operation)).join("\n")
        : `${result.partition} is undecided: ${result.reason}`;
    throw new Error(`not linearizable: ${why}`);
  }

  describe(node: RegisterNode): string {
    return [JSON.stringify(node.status()), ...node.explain()].join("; ");
  }

  /** What a log cannot tell from a torn write, no damage must be done to. */
  mayRot(): boolean {
    return false;
  }

  onStartFailed({ name }: SimulatedNode, error: unknown): "retry" {
    if (isOfTheDisk(error)) return "retry";
    throw new Error(`${name} could not start`, { cause: error });
  }

  /** Each node of the core writes, and reads all that was ever used: as often as it takes. */
  async #finish(core: readonly SimulatedNode<RegisterNode>[]): Promise<void> {
    this.#changer?.stop();
    for (const user of this.#users) user.stop();
    await this.#working;
    const used = new Set(this.#history.operations.map(({ input }) => input.key));
    const user = new RegisterUser("final", this.#world, 0);
    for (const node of core) {
      await this.#insist(user, node, { op: "put", key: `end/${node.name}`, value: "end" });
      for (const key of used) await this.#insist(user, node, { op: "get", key });
    }
    this.#hasEnded = true;
  }

  async #insist(
    user: RegisterUser,
    node: SimulatedNode<RegisterNode>,
    input: KeyValueInput,
  ): Promise<void> {
    for (;;) {
      if (node.instance && (await user.ask(node.instance, input))) return;
      await this.#context.world.sleep(50);
    }
  }

  #counted(name: string, storage: LogRegisterStorage): RegisterStorage {
    let records = 0;
    return {
      load: async () => {
        const loaded = await storage.load();
        if (this.#births.get(name) !== loaded.identity.birth) this.#durable.lost(name);
        this.#births.set(name, loaded.identity.birth);
        await this.#durable.check(name, storage).catch((error: unknown) => {
          if (isOfTheDisk(error)) throw error;
          this.#context.world.fail(error);
        });
        return loaded;
      },
      read: (key) => {
        const state = storage.read(key);
        if (state instanceof Promise) this.#cover("states read from disk");
        return state;
      },
      persist: async (write) => {
        this.#durable.begun(name, write);
        const persisted = await storage.persist(write);
        this.#durable.done(name, write);
        const now = storage.metrics().records;
        if (now < records) this.#cover("logs cleaned");
        records = now;
        return persisted;
      },
      keys: (cursor) => storage.keys(cursor),
      metrics: () => storage.metrics(),
      close: () => storage.close(),
    };
  }

  /** A process that cannot write or read ends, and its supervisor starts it again. */
  #failed(name: string, node: RegisterNode, error: PaxosError): void {
    const isExpected = error.code === "storage-failed" && isOfTheDisk(error);
    if (!isExpected) return this.#context.world.fail(error);
    this.#cover("failed storages");
    this.#context.replace(name, (instance) => instance === node);
  }

  #cover(name: RegisterCoverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}

const target: SimulationTarget = swarmTarget<RegisterNode>({
  name: "register",
  coverage: REGISTER_COVERAGE,
  durationMs: 15_000,
  // Nobody leads.
  faults: FAULT_KINDS.filter((kind) => kind !== "leader-cut-off"),
  unreliableMessages: true,
  damagedNodes: (size) => Math.floor((size - 1) / 2),
  begin: (context) => new RegisterRun(context),
});

export default target;
