/** The names under which the members of a group talk on their transport. */
export interface Protocols {
  readonly message: string;
  readonly readIndex: string;
  readonly snapshot: string;
}

/** Those of a group with a name are its own, whatever the name; without one they are as ever. */
export function protocolsOf(group: string | undefined): Protocols {
  const message = group === undefined ? "quorate/raft" : `quorate/raft@${group}`;
  return { message, readIndex: `${message}/read-index`, snapshot: `${message}/snapshot` };
}
