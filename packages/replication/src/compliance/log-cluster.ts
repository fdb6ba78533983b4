import type { Outcome } from "../outcome.ts";
import type { ReplicatedLog } from "../replicated-log.ts";
import type { SessionOptions } from "../session-options.ts";
import type { Ledger } from "./ledger.ts";

/** A cluster that the suite may break. */
export interface LogCluster {
  readonly members: readonly LogMember[];
  /** Cuts a node off from all others, both ways. */
  isolate(name: string): void;
  /** Everybody reaches everybody again. */
  heal(): void;
  /** Lets time pass, with all that happens in it. Virtual time makes the suite fast and repeatable. */
  pass(ms: number): Promise<void>;
  /** Stops all nodes that still run. */
  stop(): Promise<void>;
}

export interface LogMember {
  readonly name: string;
  readonly log: ReplicatedLog<Ledger>;
  stop(): Promise<void>;
}

/** What the suite asks of a cluster. */
export interface LogClusterOptions {
  readonly size: number;
  readonly createMachine: () => Ledger;
  readonly sessions: SessionOptions;
  /** A command of one byte more must be `too-large`. */
  readonly maxCommandBytes: number;
}

/** Starts a cluster. Its nodes find a leader by themselves within some seconds of its time. */
export type LogClusterFactory = (options: LogClusterOptions) => Promise<LogCluster>;

/** Steps in which time passes, and how many of them anything may take. */
const STEP_MS = 10;
const MAX_STEPS = 3_000;

/** A cluster with what the cases need to talk about it. */
export class ClusterUnderTest {
  readonly cluster: LogCluster;

  constructor(cluster: LogCluster) {
    this.cluster = cluster;
  }

  get members(): readonly LogMember[] {
    return this.cluster.members;
  }

  /** Waits until a node leads that a quorum follows, and returns it. */
  async leader(except?: LogMember): Promise<LogMember> {
    const isLed = (): LogMember | undefined =>
      this.members.find((member) => member !== except && this.#leads(member));
    await this.until(() => isLed() !== undefined);
    return isLed()!;
  }

  followers(leader: LogMember): readonly LogMember[] {
    return this.members.filter((member) => member !== leader);
  }

  async until(holds: () => boolean): Promise<void> {
    for (let step = 0; !holds(); step++) {
      if (step > MAX_STEPS) throw new Error(`waited in vain for ${String(holds)}`);
      await this.cluster.pass(STEP_MS);
    }
  }

  /** Lets time pass until `promise` is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await this.until(() => isSettled);
    return promise;
  }

  /** The error that `promise` rejects with, as time passes. */
  async failure(promise: Promise<unknown>): Promise<unknown> {
    try {
      return `no failure but ${JSON.stringify(await this.settled(promise))}`;
    } catch (error) {
      return error;
    }
  }

  propose(member: LogMember, text: string): Promise<Outcome> {
    return this.settled(member.log.propose(new TextEncoder().encode(text)));
  }

  /** What the log of a node holds, as far as it is applied there. */
  async lines(member: LogMember): Promise<readonly string[]> {
    const { value } = await member.log.read(({ lines }) => [...lines], { consistency: "stale" });
    return value;
  }

  #leads({ name, log }: LogMember): boolean {
    const { role, term } = log.status();
    const followers = this.members.filter((member) => {
      const status = member.log.status();
      return status.leader === name && status.term === term;
    });
    return role === "leader" && followers.length > this.members.length / 2;
  }
}

export function textOf(result: Uint8Array): string {
  return new TextDecoder().decode(result);
}
