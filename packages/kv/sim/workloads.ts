import { pick } from "@quorate/runtime";
import type { NodeEnvironment, SimulatedNode, SwarmContext } from "@quorate/simulation";
import {
  createKvClient,
  type KvClient,
  type KvClientOptions,
  utf8,
  withPrefix,
} from "../src/index.ts";
import { readPatiently } from "./final-state.ts";
import type { KvCoverage } from "./kv-coverage.ts";
import type { KvNode } from "./kv-node.ts";
import { LeaseOracle } from "./lease-oracle.ts";
import { LeaseUser } from "./lease-user.ts";
import { checkLists, type ListTransaction } from "./list-append.ts";
import { LIST_PREFIX, listOf, ListUser } from "./list-user.ts";
import { WatchOracle } from "./watch-oracle.ts";
import { WatchUser } from "./watch-user.ts";

const ATTEMPT_TIMEOUT_MS = 500;

/** Watches, leases and lists of appends, beside those who put and get, each on a machine of its own. */
export class Workloads {
  readonly watchOracle: WatchOracle = new WatchOracle();
  readonly leaseOracle: LeaseOracle;
  readonly #context: SwarmContext<KvNode>;
  readonly #history: ListTransaction[] = [];
  readonly #watchers: readonly SimulatedNode<WatchUser>[];
  readonly #others: readonly SimulatedNode<LeaseUser | ListUser>[];
  #watching: Promise<unknown> = Promise.resolve();
  #working: Promise<unknown> = Promise.resolve();

  constructor(context: SwarmContext<KvNode>) {
    this.#context = context;
    this.leaseOracle = new LeaseOracle((name) => this.#cover(name));
    const { world } = context;
    const now = (): number => world.clock.now();
    const [history, leaseOracle, watchOracle] = [this.#history, this.leaseOracle, this.watchOracle];
    const cover = (name: KvCoverage, by?: number): void => this.#cover(name, by);
    this.#watchers = ["w1", "w2"].map((name) =>
      world.node(name, async (environment) => {
        const kv = await this.#client(environment, {
          watchProgressMs: 1_000,
          watchBufferBytes: pick(environment.random, [1, 400, 100_000]),
        });
        return new WatchUser(name, kv, environment, { oracle: watchOracle, cover });
      }),
    );
    const listUsers = ["t1", "t2"].map((name) =>
      world.node(name, async (environment) => {
        const kv = await this.#client(environment, {});
        return new ListUser(name, kv, environment, { now, history });
      }),
    );
    const holder = world.node("h1", async (environment) => {
      const kv = await this.#client(environment, {});
      return new LeaseUser(kv, environment, { oracle: leaseOracle, cover });
    });
    this.#others = [...listUsers, holder];
  }

  get names(): string[] {
    return [...this.#watchers, ...this.#others].map(({ name }) => name);
  }

  start(): void {
    const run = async (node: SimulatedNode<WatchUser | LeaseUser | ListUser>): Promise<void> => {
      const user = await node.start();
      await user.run();
    };
    const fail = (error: unknown): void => this.#context.world.fail(error);
    this.#watching = Promise.all(this.#watchers.map(run)).catch(fail);
    this.#working = Promise.all(this.#others.map(run)).catch(fail);
  }

  /** No more of it; resolves when all who write have ended. */
  async end(): Promise<void> {
    for (const { instance } of this.#others) instance!.stop();
    await this.#working;
  }

  /**
   * What must be true once the store is well: lists are what transactions made of them, leases that nobody
   * renews run out with their keys, and watches are told everything.
   */
  async check(kv: KvClient): Promise<void> {
    const { kvs } = await readPatiently(kv, withPrefix(LIST_PREFIX));
    checkLists(this.#history, new Map(kvs.map((each) => [utf8(each.key), listOf(each)])));
    this.#cover("list transactions", this.#history.length);
    for (let held = Infinity; held > 0; await this.#context.world.sleep(200)) {
      held = (await readPatiently(kv, withPrefix("leased/"))).count;
    }
    const { revision } = await readPatiently(kv, withPrefix("leased/"));
    for (const { instance } of this.#watchers) instance!.catchUp(revision);
    await this.#watching;
  }

  async #client(
    { clock, random, transport }: NodeEnvironment,
    options: Partial<KvClientOptions>,
  ): Promise<KvClient> {
    await transport.start();
    const nodes = this.#context.swarm.names;
    const timing = { timeoutMs: 2_500, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS };
    const dependencies = { transport, clock, random: random.fork("client") };
    return createKvClient({ nodes, ...timing, ...options }, dependencies);
  }

  #cover(name: KvCoverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}
