import type { Clock } from "@quorate/runtime";
import { Session } from "../session/session.ts";
import type { SessionContext } from "../session/session-context.ts";
import type { TransportError } from "../transport-error.ts";
import { MemoryLink } from "./memory-link.ts";

/** Two sessions back to back. Also how a node of any transport talks to itself. */
export class MemoryConnection {
  readonly dialler: Session;
  readonly acceptor: Session;
  readonly #links: readonly MemoryLink[];

  constructor(from: SessionContext, to: SessionContext, clock: Clock, delayMs: () => number) {
    const there = new MemoryLink(clock, delayMs);
    const back = new MemoryLink(clock, delayMs);
    this.dialler = new Session(to.nodeId, there, from, to.limits, true);
    this.acceptor = new Session(from.nodeId, back, to, from.limits, false);
    there.connect(this.dialler, this.acceptor);
    back.connect(this.acceptor, this.dialler);
    this.#links = [there, back];
  }

  /** What is under way is lost; `errorOf` says how a side learns of it. */
  close(errorOf: (side: Session) => TransportError): void {
    for (const link of this.#links) link.cut();
    for (const side of [this.dialler, this.acceptor]) side.close(errorOf(side));
  }
}
