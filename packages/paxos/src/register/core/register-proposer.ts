import { integerBetween } from "@quorate/runtime";
import { KeptProposers } from "./kept-proposers.ts";
import { KeyProposer, type KeyProposerParts } from "./key-proposer.ts";
import type { Reply } from "./item.ts";
import type { Operation } from "./operation.ts";
import { Routes } from "./routes.ts";

/** The bounds of what a node has under way, and remembers. */
export interface RegisterProposerOptions {
  /** Operations that may be under way or wait. */
  readonly maxOperations: number;
  /** Keys for which promises are kept, and with them their values, when nothing is under way. */
  readonly maxPromisedKeys: number;
  /** Bytes of those values. */
  readonly maxPromisedBytes: number;
}

/** So many numbers that two lives of a node do not use the same, for as long as a message lasts. */
const LARGEST_FIRST_ID = 2 ** 52;

/** A proposer for each key that is in use, and of those that are not, the ones used last. */
export class RegisterProposer {
  readonly #options: RegisterProposerOptions;
  readonly #parts: KeyProposerParts;
  readonly #kept: KeptProposers;
  /** Those that operations are under way for. */
  readonly #busy: Routes<KeyProposer>;
  #operations = 0;

  constructor(
    options: RegisterProposerOptions,
    parts: Omit<KeyProposerParts, "route" | "idle" | "settle"> & Pick<KeyProposerParts, "settle">,
  ) {
    this.#options = options;
    this.#kept = new KeptProposers(options.maxPromisedKeys, options.maxPromisedBytes);
    this.#busy = new Routes(integerBetween(parts.random, 1, LARGEST_FIRST_ID));
    this.#parts = {
      ...parts,
      route: (proposer, replaced) => this.#route(proposer, replaced),
      idle: (proposer) => this.#idle(proposer),
      settle: (operation, outcome) => {
        this.#operations--;
        parts.settle(operation, outcome);
      },
    };
  }

  /** Operations under way. */
  get operations(): number {
    return this.#operations;
  }

  /** Keys that operations are under way for. */
  get busyKeys(): number {
    return this.#busy.size;
  }

  /** Keys whose next write needs one round trip only. */
  get promisedKeys(): number {
    return this.#kept.keys;
  }

  /** False when there are too many already: nothing was done. */
  submit(operation: Operation): boolean {
    if (this.#operations >= this.#options.maxOperations) return false;
    this.#operations++;
    const { key } = operation;
    const proposer = this.#kept.get(key) ?? new KeyProposer(key, this.#parts);
    if (proposer.phase === "idle") this.#kept.busy(proposer);
    proposer.submit(operation);
    return true;
  }

  /** An answer to nothing that is under way is ignored. */
  receive(from: string, reply: Reply): void {
    this.#busy.get(reply.id)?.receive(from, reply);
  }

  tick(elapsedMs: number, nowMs: number): void {
    const isOver = ({ deadlineMs }: Operation): boolean => deadlineMs <= nowMs;
    for (const proposer of this.#busy.all()) {
      proposer.giveUp(isOver, "timeout");
      proposer.tick(elapsedMs);
    }
  }

  abort(operation: Operation): void {
    this.#kept.get(operation.key)?.giveUp((each) => each === operation, "aborted");
  }

  stop(): void {
    for (const proposer of this.#busy.all()) proposer.giveUp(() => true, "stopped");
  }

  reconfigured(): void {
    this.#kept.clear(this.#busy.all());
    for (const proposer of this.#busy.all()) proposer.reconfigured();
  }

  #route(proposer: KeyProposer, replaced: number): number {
    this.#busy.delete(replaced);
    return this.#busy.add(proposer);
  }

  #idle(proposer: KeyProposer): void {
    this.#busy.delete(proposer.id);
    this.#kept.idle(proposer);
  }
}
