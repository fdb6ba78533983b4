import type { Clock } from "@quorate/runtime";
import { type Transport, TransportError } from "@quorate/transport";
import { type Ballot, higherBallot } from "../../core/ballot.ts";
import { PaxosError } from "../../paxos-error.ts";
import { decodeConfig, encodeConfig } from "../core/codec/config-codec.ts";
import { quorumsOf } from "../core/config-quorums.ts";
import type { Current, Decision } from "../core/operation.ts";
import type { RegisterOutcome } from "../core/outcome.ts";
import { CONFIG_KEY, type Member, nodesOf, type RegisterConfig } from "../core/register-config.ts";
import { NOBODY, withNode } from "../../core/quorum/node-set.ts";
import { decodeHello, decodeKeys, encodeMemberRequest, type Keys } from "./member-protocol.ts";

/** What a change of the members needs of its node. */
export interface MemberChangeParts {
  readonly transport: Transport;
  readonly protocol: string;
  readonly clock: Clock;
  readonly config: () => RegisterConfig;
  /** Does a write, whatever its outcome. */
  readonly write: <R>(
    key: string,
    decide: (current: Current) => Decision<R>,
  ) => Promise<RegisterOutcome<R>>;
  /** A configuration is decided: takes it up, and tells these nodes. */
  readonly adopt: (config: RegisterConfig, nodes: readonly string[]) => void;
  /** Throws when nobody waits any more. */
  readonly requireWanted: () => void;
}

const REQUEST_TIMEOUT_MS = 1_000;
const PAUSE_MS = 50;
/** Keys that are carried over at once. */
const MAX_CARRIED = 256;

/**
 * Changes the members (CASPaxos, §2.3): decide that the accept set grows, carry over all keys, decide
 * that the prepare set is the new one. Each decision is a write to the register itself, by the quorums
 * that hold at the time; so it is one, whoever else tries, and whoever calls this after a crash goes on
 * where it was. Acceptors hear nothing of another epoch than their own, so that no proposer works by
 * quorums that others have left.
 */
export class MemberChange {
  readonly #parts: MemberChangeParts;
  readonly #target: readonly string[];

  constructor(parts: MemberChangeParts, target: readonly string[]) {
    this.#parts = parts;
    this.#target = target;
  }

  /** Resolves when the members are those that were wanted. */
  async run(): Promise<void> {
    for (;;) {
      this.#parts.requireWanted();
      const config = await this.#current();
      const next = config && (await this.#nextOf(config));
      if (next === "done") return;
      if (next) await this.#decide(config, next);
      else await this.#pause();
    }
  }

  /** What is decided, also if a coordinator that is gone has told nobody. */
  async #current(): Promise<RegisterConfig | undefined> {
    const outcome = await this.#parts.write(CONFIG_KEY, ({ value }) => ({
      kind: "keep",
      result: value,
    }));
    if (outcome.kind !== "committed") return undefined;
    const known = this.#parts.config();
    const decided = outcome.result && decodeConfig(outcome.result);
    if (!decided || decided.epoch <= known.epoch) return known;
    this.#parts.adopt(decided, [...nodesOf(known), ...nodesOf(decided)]);
    return decided;
  }

  /** The next step; undefined when somebody does not answer who must. */
  async #nextOf(config: RegisterConfig): Promise<RegisterConfig | "done" | undefined> {
    const { epoch, members, next, forgotten } = config;
    if (next) {
      const carried = await this.#carryAll(config);
      return (
        carried && {
          epoch: epoch + 1,
          members: next,
          next: undefined,
          forgotten: higherBallot(forgotten, carried),
        }
      );
    }
    const wanted = await this.#wanted(config);
    if (!wanted) return undefined;
    const isChanged = (member: Member): boolean =>
      wanted.some(({ node, birth }) => node === member.node && birth !== member.birth);
    // One that lost its data goes first, and comes back as another.
    const kept = members.filter((member) => !isChanged(member));
    const step = kept.length < members.length ? kept : wanted;
    if (step.length === 0) {
      throw new PaxosError("invalid-option", "no member would be left that has its data");
    }
    if (isSame(step, members)) return "done";
    return { epoch: epoch + 1, members, next: step, forgotten };
  }

  /** The members as they are to be; undefined while a new one does not answer. */
  async #wanted({ epoch, members }: RegisterConfig): Promise<readonly Member[] | undefined> {
    const wanted: Member[] = [];
    for (const node of this.#target) {
      const known = members.find((member) => member.node === node);
      const bytes = await this.#request(node, encodeMemberRequest({ kind: "hello" }));
      const hello = bytes && decodeHello(bytes);
      if (!hello && !known) return undefined;
      const isKnown =
        known && (!hello || (known.birth === 0 ? hello.isFirst : known.birth === hello.birth));
      wanted.push(isKnown ? known : { node, birth: hello!.birth, joined: epoch + 1 });
    }
    return wanted;
  }

  async #decide(from: RegisterConfig, to: RegisterConfig): Promise<void> {
    const outcome = await this.#parts.write(CONFIG_KEY, ({ value }) => {
      const epoch = value ? decodeConfig(value).epoch : 0;
      // Somebody else was faster.
      if (epoch !== from.epoch) return { kind: "keep", result: false };
      return { kind: "change", value: encodeConfig(to), result: () => true };
    });
    if (outcome.kind !== "committed" || !outcome.result) return this.#pause();
    this.#parts.adopt(to, [...nodesOf(from), ...nodesOf(to)]);
  }

  /**
   * Writes all keys again that a quorum of the old members has: what was chosen before is then accepted
   * by the new ones, too. Resolves to the highest ballot that any of that quorum has forgotten.
   */
  async #carryAll(config: RegisterConfig): Promise<Ballot | undefined> {
    const quorums = quorumsOf(config);
    let asked = NOBODY;
    let forgotten = config.forgotten;
    for (const { node } of config.members) {
      const highest = await this.#carryFrom(node, config);
      if (!highest) continue;
      forgotten = higherBallot(forgotten, highest);
      asked = withNode(asked, quorums.nodes, node);
      if (quorums.isPhase1Quorum(asked)) return forgotten;
    }
    return undefined;
  }

  /** Undefined when it did not answer to the end. */
  async #carryFrom(node: string, { epoch }: RegisterConfig): Promise<Ballot | undefined> {
    for (let cursor: number | undefined = 0; ;) {
      this.#parts.requireWanted();
      const request = encodeMemberRequest({ kind: "keys", epoch, cursor });
      const bytes = await this.#request(node, request);
      if (!bytes) return undefined;
      const page: Keys = decodeKeys(bytes);
      for (let at = 0; at < page.keys.length; at += MAX_CARRIED) {
        const some = page.keys.slice(at, at + MAX_CARRIED);
        const outcomes = await Promise.all(some.map((key) => this.#carry(key)));
        if (!outcomes.every(Boolean)) return undefined;
      }
      if (page.next === undefined) return page.forgotten;
      // What is there is not durable yet: no need to ask at once.
      if (page.next === cursor) await this.#pause();
      cursor = page.next;
    }
  }

  async #carry(key: string): Promise<boolean> {
    const outcome = await this.#parts.write(key, () => ({ kind: "keep", result: true }));
    return outcome.kind === "committed";
  }

  async #request(node: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { transport, protocol } = this.#parts;
    try {
      return await transport.request(node, protocol, bytes, { timeoutMs: REQUEST_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof TransportError) return undefined;
      throw error;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.setTimer(PAUSE_MS, resolve));
  }
}

function isSame(a: readonly Member[], b: readonly Member[]): boolean {
  const names = (members: readonly Member[]): string =>
    JSON.stringify(members.map(({ node, birth }) => `${node}/${birth}`).toSorted());
  return names(a) === names(b);
}
