import type { NodeId } from "@quorate/transport";

/** Which node to ask next, from what the last ones said. Shared by all calls of a client. */
export class LeaderTracker {
  readonly #nodes: readonly NodeId[];
  #target: NodeId;

  constructor(nodes: readonly NodeId[]) {
    this.#nodes = nodes;
    this.#target = nodes[0] as NodeId;
  }

  get target(): NodeId {
    return this.#target;
  }

  /**
   * `asked` does not lead, and `leader`, if given, is whom it holds for the leader. Returns whether
   * there is somebody to ask at once.
   */
  redirect(asked: NodeId, leader: NodeId | undefined): boolean {
    // Another call has moved on already; many fail at once when a leader dies.
    if (asked !== this.#target) return true;
    if (leader === undefined || leader === asked) return this.rotate(asked);
    this.#target = leader;
    return true;
  }

  /** `asked` was of no use: the next in the list is tried, after a wait. Returns false. */
  rotate(asked: NodeId): false {
    if (asked === this.#target) {
      const next = (this.#nodes.indexOf(asked) + 1) % this.#nodes.length;
      this.#target = this.#nodes[next] as NodeId;
    }
    return false;
  }
}
