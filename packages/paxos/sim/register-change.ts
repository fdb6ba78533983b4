import { type Ballot, higherBallot } from "../src/core/ballot.ts";
import { NOBODY, withNode } from "../src/core/quorum/node-set.ts";
import { decodeConfig, encodeConfig } from "../src/register/core/codec/config-codec.ts";
import { quorumsOf } from "../src/register/core/config-quorums.ts";
import type { Operation } from "../src/register/core/operation.ts";
import type { RegisterOutcome } from "../src/register/core/outcome.ts";
import {
  CONFIG_KEY,
  type Member,
  nodesOf,
  type RegisterConfig,
} from "../src/register/core/register-config.ts";
import { carry, type RegisterCluster } from "../test/register-cluster.ts";

/** Steps of the scheduler that a node may take to hear of a configuration, or it is passed over. */
const MAX_TRIES = 60;

/** What a change waits for: the outcome of an operation, or that some time has passed. */
type Wish = Operation | "later";
type Steps<R> = Generator<Wish, R, RegisterOutcome<unknown> | undefined>;

/**
 * `MemberChange` without promises, so that a scheduler of cores can put anything between two steps of
 * it, and end it at any.
 */
export class RegisterChange {
  readonly #cluster: RegisterCluster;
  readonly #at: string;
  readonly #steps: Steps<void>;
  #awaited: Operation | undefined;
  isOver = false;

  constructor(cluster: RegisterCluster, at: string, target: readonly string[]) {
    this.#cluster = cluster;
    this.#at = at;
    this.#steps = this.#run(target);
  }

  get at(): string {
    return this.#at;
  }

  /** Goes on if it can. */
  step(): void {
    const outcome = this.#awaited && this.#cluster.outcomeOf(this.#awaited);
    if (this.isOver || (this.#awaited && !outcome)) return;
    const { done, value } = this.#steps.next(outcome);
    this.isOver = done === true;
    this.#awaited = value === "later" || value === undefined ? undefined : value;
    if (this.#awaited) this.#cluster.submit(this.#at, this.#awaited);
  }

  /** Up to the next configuration that is no step between two. */
  *#run(target: readonly string[]): Steps<void> {
    for (let next = yield* this.#decide(target); next?.next;) next = yield* this.#decide(target);
  }

  /** The next configuration, decided and told; undefined when somebody or something was in the way. */
  *#decide(target: readonly string[]): Steps<RegisterConfig | undefined> {
    const core = this.#cluster.core(this.#at);
    const read = yield deciding(({ value }) => ({ kind: "keep", result: value }));
    if (read?.kind !== "committed") return undefined;
    const decided = read.result ? decodeConfig(read.result as Uint8Array) : core.config;
    const config = decided.epoch > core.config.epoch ? decided : core.config;
    if (config !== core.config) this.#adopt(config, nodesOf(config));
    let next: RegisterConfig;
    if (config.next) {
      const forgotten = yield* this.#carryAll(config);
      if (!forgotten) return undefined;
      next = { epoch: config.epoch + 1, members: config.next, next: undefined, forgotten };
    } else {
      next = { ...config, epoch: config.epoch + 1, next: this.#wanted(config, target) };
    }
    const written = yield deciding(({ value }) => {
      const epoch = value ? decodeConfig(value).epoch : 0;
      if (epoch !== config.epoch) return { kind: "keep", result: false };
      return { kind: "change", value: encodeConfig(next), result: () => true };
    });
    if (written?.kind !== "committed" || written.result !== true) return undefined;
    this.#adopt(next, [...nodesOf(config), ...nodesOf(next)]);
    return next;
  }

  #wanted({ epoch, members }: RegisterConfig, target: readonly string[]): readonly Member[] {
    return target.map((node) => {
      const { birth } = this.#cluster.disk(node).identity!;
      const known = members.find((member) => member.node === node);
      return known ?? { node, birth, joined: epoch + 1 };
    });
  }

  *#carryAll(config: RegisterConfig): Steps<Ballot | undefined> {
    const quorums = quorumsOf(config);
    let asked = NOBODY;
    let { forgotten } = config;
    for (const { node } of config.members) {
      for (let tries = 0; tries < MAX_TRIES && !this.#answers(node, config); tries++) yield "later";
      if (!this.#answers(node, config)) continue;
      for (const key of [...this.#cluster.disk(node).keys.keys()]) {
        const carried = yield carry(key);
        if (carried?.kind !== "committed") return undefined;
      }
      yield "later";
      if (!this.#answers(node, config)) continue;
      forgotten = higherBallot(forgotten, this.#cluster.core(node).forgotten);
      asked = withNode(asked, quorums.nodes, node);
      if (quorums.isPhase1Quorum(asked)) return forgotten;
    }
    return undefined;
  }

  #answers(node: string, { epoch }: RegisterConfig): boolean {
    const core = this.#cluster.core(node);
    return core.config.epoch === epoch && core.votes && core.isSettled;
  }

  #adopt(config: RegisterConfig, nodes: readonly string[]): void {
    this.#cluster.act(this.#at, (core) => {
      core.adopt(config);
      core.announce(new Set(nodes));
    });
  }
}

function deciding(decide: Operation["decide"]): Operation {
  return { key: CONFIG_KEY, kind: "write", decide, deadlineMs: Number.POSITIVE_INFINITY };
}
