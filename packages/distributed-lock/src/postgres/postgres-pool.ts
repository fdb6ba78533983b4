/** What the store uses of a `Pool` of npm `pg`, which fits as it is. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
  connect(): Promise<PostgresClient>;
}

/** One connection of the pool, checked out. */
export interface PostgresClient {
  query(text: string): Promise<PostgresResult>;
  on(event: "notification", listener: (notification: PostgresNotification) => void): unknown;
  on(event: "error" | "end", listener: () => void): unknown;
  /** `true`: closes the connection. */
  release(destroy: boolean): void;
}

export interface PostgresNotification {
  readonly channel: string;
}

export interface PostgresResult {
  readonly rows: Record<string, unknown>[];
}
