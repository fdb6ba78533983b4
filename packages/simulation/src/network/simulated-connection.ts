import type { Clock } from "@quorate/runtime";
import { Session } from "@quorate/transport/session";
import type { TransportError } from "@quorate/transport";
import type { Direction } from "./direction.ts";
import { type End, FaultyLink } from "./faulty-link.ts";
import type { SimulatedTransport } from "./simulated-transport.ts";

/** One side of a connection. */
export interface Side extends End {
  readonly transport: SimulatedTransport;
  /** To the other side. */
  readonly link: FaultyLink;
  /** False once its program is dead or has given it up. */
  isOpen: boolean;
}

/** Two sessions with a faulty link each way. */
export class SimulatedConnection {
  readonly dialler: Side;
  readonly acceptor: Side;

  constructor(
    from: SimulatedTransport,
    to: SimulatedTransport,
    ways: { readonly there: Direction; readonly back: Direction },
    clock: Clock,
  ) {
    this.dialler = side(from, to, new FaultyLink(clock, ways.there), true);
    this.acceptor = side(to, from, new FaultyLink(clock, ways.back), false);
    this.dialler.link.connect(this.dialler, this.acceptor);
    this.acceptor.link.connect(this.acceptor, this.dialler);
  }

  sideOf(transport: SimulatedTransport): Side {
    return this.dialler.transport === transport ? this.dialler : this.acceptor;
  }

  otherSideOf(transport: SimulatedTransport): Side {
    return this.dialler.transport === transport ? this.acceptor : this.dialler;
  }

  /**
   * The program of this side is gone: nothing reaches it any more, what it sent is still under way,
   * and the other side knows nothing yet.
   */
  abandon(transport: SimulatedTransport): void {
    const gone = this.sideOf(transport);
    gone.isOpen = false;
    gone.link.orphan();
    this.otherSideOf(transport).link.cut();
  }

  /** This side gives the connection up: what is under way to it is lost. */
  close(at: Side, error: TransportError): void {
    if (!at.isOpen) return;
    at.isOpen = false;
    this.otherSideOf(at.transport).link.cut();
    at.enter(() => at.session.close(error));
  }
}

function side(
  local: SimulatedTransport,
  remote: SimulatedTransport,
  link: FaultyLink,
  dialled: boolean,
): Side {
  const session = new Session(
    remote.nodeId,
    link,
    local.sessionContext,
    remote.sessionContext.limits,
    dialled,
  );
  const enter = (act: () => void): void => local.program.enter(act);
  return { session, enter, transport: local, link, isOpen: true };
}
