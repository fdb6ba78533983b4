import type { ReplicatedLog } from "@quorate/replication";
import type { KvStateMachine } from "../src/index.ts";

/** What all nodes have been asked so far. */
export class Proposed {
  readonly #commands = new Set<string>();

  /** Returns whether this command of this session was proposed before, on any node. */
  again(sessionId: number, sequence: number): boolean {
    const command = `${sessionId}/${sequence}`;
    const known = this.#commands.has(command);
    this.#commands.add(command);
    return known;
  }
}

/** A log that tells when a client tries a command again, and when its session is not known any more. */
export function counted(
  log: ReplicatedLog<KvStateMachine>,
  proposed: Proposed,
  cover: (name: "retried writes" | "sessions expired") => void,
): ReplicatedLog<KvStateMachine> {
  return {
    machine: log.machine,
    propose: async (command, options) => {
      const session = options?.session;
      if (session && proposed.again(session.sessionId, session.sequence)) cover("retried writes");
      const outcome = await log.propose(command, options);
      if (outcome.kind === "rejected" && outcome.reason === "session-expired") {
        cover("sessions expired");
      }
      return outcome;
    },
    openSession: (options) => log.openSession(options),
    read: (query, options) => log.read(query, options),
    status: () => log.status(),
    explain: () => log.explain(),
    onLeader: (listener) => log.onLeader(listener),
  };
}
