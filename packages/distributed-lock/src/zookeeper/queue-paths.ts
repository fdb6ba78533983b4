import type { Blockers, Place, Role } from "../store/coordination-store.ts";

/** A contender's node, by its name: `<id>:<x or s>:<nonce>-<number by ZooKeeper>`. */
export interface ContenderNode {
  readonly name: string;
  readonly id: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly order: number;
}

/** Where queues and contenders are. A queue's name is one path element, percent-encoded. */
export class QueuePaths {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  pathOf(queue: string): string {
    return `${this.root}/${encodeURIComponent(queue).replaceAll(".", "%2E")}`;
  }

  /** The nonce: so that one who joins again is another, although ZooKeeper may count anew. */
  newNode({ queue, id, role }: Place): string {
    const nonce = globalThis.crypto.randomUUID().slice(0, 8);
    return `${this.pathOf(queue)}/${id}:${role === "shared" ? "s" : "x"}:${nonce}-`;
  }
}

/** Those of a queue, in their order. What others put there is left out. */
export function contendersIn(children: readonly string[]): readonly ContenderNode[] {
  const contenders = children.flatMap((name) => {
    const [, id, role, order] = /^([\w.-]+):([xs]):\w+-(-?\d+)$/.exec(name) ?? [];
    if (id === undefined) return [];
    const sessionId = id.split(".", 1)[0]!;
    return [{ name, id, sessionId, role: roleOf(role), order: Number(order) }];
  });
  return contenders.sort((a, b) => a.order - b.order);
}

/** The refs of those ahead of the one that `isOwn` finds, nearest first; undefined without it. */
export function aheadOf(
  contenders: readonly ContenderNode[],
  isOwn: (contender: ContenderNode) => boolean,
  { roles, limit }: Blockers,
): readonly string[] | undefined {
  const own = contenders.findIndex(isOwn);
  if (own === -1) return undefined;
  const ahead: string[] = [];
  for (let at = own - 1; at >= 0 && ahead.length < limit; at--) {
    const { name, role } = contenders[at]!;
    if (roles === "any" || role === "exclusive") ahead.push(name);
  }
  return ahead;
}

function roleOf(letter: string | undefined): Role {
  return letter === "s" ? "shared" : "exclusive";
}
