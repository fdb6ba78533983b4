/**
 * What the store uses of a client or a cluster client of npm `redis` (node-redis, 5 or later), which
 * fits as it is.
 */
export interface RedisClient {
  evalSha(sha: string, options: RedisScriptArguments): Promise<unknown>;
  eval(script: string, options: RedisScriptArguments): Promise<unknown>;
  /** Another client of the same options, not connected yet. */
  duplicate(): RedisSubscriber;
}

/** A connection that only listens. */
export interface RedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: () => void): Promise<unknown>;
  unsubscribe(channel: string, listener: () => void): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  destroy(): void;
}

export interface RedisScriptArguments {
  keys: string[];
  arguments: string[];
}
