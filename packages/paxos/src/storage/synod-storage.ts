import type { AcceptorState } from "../core/acceptor-state.ts";
import type { Persisted, Write } from "../core/persistence.ts";
import type { SynodRecord } from "./synod-record.ts";

/** Where a node keeps what must survive a crash. */
export interface SynodStorage {
  /**
   * Begins the node's next life: what it had, under a new incarnation, which is durable when this
   * resolves. To be called once, before anything else.
   */
  load(): Promise<SynodRecord>;
  /**
   * Makes a write durable and resolves to the proof of it (`write.persisted()`). Calls take effect
   * in their order, also when they do not wait for each other.
   *
   * A rejection is final: the node stops and never writes here again.
   */
  persist(write: Write<AcceptorState<Uint8Array>>): Promise<Persisted>;
  close(): Promise<void>;
}
