/** A call of a store on its way to the server. */
export interface Call {
  /** Unique in the client's life. */
  readonly id: number;
  readonly life: string;
  readonly method: string;
  readonly values: readonly unknown[];
}

export interface Reply {
  readonly id: number;
  readonly life: string;
  readonly result: unknown;
}

export const PROTOCOL = "lock";

/** JSON with bigints and undefined. */
export function encode(message: Call | Reply): Uint8Array {
  const text = JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === "bigint") return { $bigint: value.toString() };
    return value === undefined ? { $undefined: true } : value;
  });
  return new TextEncoder().encode(text);
}

export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes), (_, value: unknown) => {
    const { $bigint } = (value ?? {}) as { $bigint?: string };
    return $bigint === undefined ? value : BigInt($bigint);
  }) as unknown;
}
