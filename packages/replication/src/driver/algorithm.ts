import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { StateMachine } from "../state-machine.ts";
import type { MessageCodec } from "./consensus-core.ts";
import type { LogStorage } from "./log-storage.ts";

export interface DriverDependencies<S extends StateMachine, Recovered, Write, Proof> {
  /** Names this node. The caller starts it before the node, and stops it after. */
  readonly transport: Transport;
  readonly machine: S;
  readonly storage: LogStorage<Recovered, Write, Proof>;
  readonly clock: Clock;
  readonly random: Random;
}

/** What an algorithm brings. */
export interface Algorithm<Recovered, Core, Message, Status> {
  /** Part of the names of protocols and diagnostics channels. */
  readonly name: string;
  readonly codec: MessageCodec<Message>;
  /** `random` is this member's own. */
  createCore(recovered: Recovered, random: Random): Core;
  status(core: Core, appliedIndex: number): Status;
  /** That of a node that was not started, or has ended. */
  stoppedStatus(): Status;
  /** In words: what keeps this node from making progress. */
  explain(
    core: Core,
    standing: { readonly status: Status; readonly isRestoring: boolean },
  ): string[];
}
