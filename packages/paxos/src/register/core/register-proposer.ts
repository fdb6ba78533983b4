import { integerBetween } from "@quorate/runtime";
import { KeyProposer, type KeyProposerParts } from "./key-proposer.ts";
import type { Reply } from "./item.ts";
import type { Operation } from "./operation.ts";

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
  readonly #byKey = new Map<string, KeyProposer>();
  readonly #byId = new Map<number, KeyProposer>();
  readonly #busy = new Set<KeyProposer>();
  /** With promises and nothing to do, the one that was used the longest ago first. */
  readonly #promised = new Map<string, KeyProposer>();
  #promisedBytes = 0;
  #nextId: number;
  #operations = 0;

  constructor(
    options: RegisterProposerOptions,
    parts: Omit<KeyProposerParts, "route" | "idle" | "settle"> & Pick<KeyProposerParts, "settle">,
  ) {
    this.#options = options;
    this.#nextId = integerBetween(parts.random, 1, LARGEST_FIRST_ID);
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
    return this.#promised.size;
  }

  /** False when there are too many already: nothing was done. */
  submit(operation: Operation): boolean {
    if (this.#operations >= this.#options.maxOperations) return false;
    this.#operations++;
    const { key } = operation;
    const proposer = this.#byKey.get(key) ?? new KeyProposer(key, this.#parts);
    if (!this.#busy.has(proposer)) {
      this.#unkeep(proposer);
      this.#byKey.set(key, proposer);
      this.#busy.add(proposer);
    }
    proposer.submit(operation);
    return true;
  }

  /** An answer to nothing that is under way is ignored. */
  receive(from: string, reply: Reply): void {
    this.#byId.get(reply.id)?.receive(from, reply);
  }

  tick(elapsedMs: number, nowMs: number): void {
    const isOver = ({ deadlineMs }: Operation): boolean => deadlineMs <= nowMs;
    for (const proposer of this.#busy) {
      proposer.giveUp(isOver, "timeout");
      proposer.tick(elapsedMs);
    }
  }

  abort(operation: Operation): void {
    this.#byKey.get(operation.key)?.giveUp((each) => each === operation, "aborted");
  }

  stop(): void {
    for (const proposer of this.#busy) proposer.giveUp(() => true, "stopped");
  }

  reconfigured(): void {
    for (const proposer of this.#promised.values()) this.#unkeep(proposer);
    for (const proposer of this.#busy) proposer.reconfigured();
  }

  #route(proposer: KeyProposer, replaced: number): number {
    this.#byId.delete(replaced);
    const id = this.#nextId++;
    this.#byId.set(id, proposer);
    return id;
  }

  #idle(proposer: KeyProposer): void {
    this.#byId.delete(proposer.id);
    this.#busy.delete(proposer);
    if (!proposer.isReady) {
      this.#byKey.delete(proposer.key);
      return;
    }
    this.#promised.set(proposer.key, proposer);
    this.#promisedBytes += proposer.keptBytes;
    const { maxPromisedKeys, maxPromisedBytes } = this.#options;
    for (const oldest of this.#promised.values()) {
      const fits =
        this.#promised.size <= maxPromisedKeys && this.#promisedBytes <= maxPromisedBytes;
      if (fits) break;
      this.#unkeep(oldest);
    }
  }

  #unkeep(proposer: KeyProposer): void {
    if (!this.#promised.delete(proposer.key)) return;
    this.#promisedBytes -= proposer.keptBytes;
    this.#byKey.delete(proposer.key);
  }
}
