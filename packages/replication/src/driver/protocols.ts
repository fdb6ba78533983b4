/** The names under which the members of a group talk on their transport. */
export interface Protocols {
  readonly message: string;
  readonly readIndex: string;
  readonly snapshot: string;
}

/** Those of a group with a name are its own, whatever the name; without one they are as ever. */
export function protocolsOf(algorithm: string, group: string | undefined): Protocols {
  const name = `quorate/${algorithm}`;
  const message = group === undefined ? name : `${name}@${group}`;
  return { message, readIndex: `${message}/read-index`, snapshot: `${message}/snapshot` };
}
