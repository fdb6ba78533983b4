/** What the cluster's nodes send and keep: JSON, since there are some thousands of messages at most. */
export function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Its type is the caller's claim: nodes of one cluster run the same version. */
export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
