import type { LockSession } from "../session/lock-session.ts";

/** How one caller gets a lock. */
export interface AcquireOptions {
  /** Gives up waiting: at once, whatever the store does. */
  readonly signal?: AbortSignal;
  /** Milliseconds, as of `LocksOptions`. Locks of the same times share a session. @default the locks' */
  readonly ttlMs?: number;
  /** Milliseconds, as of `LocksOptions`. @default the locks' */
  readonly lockDelayMs?: number;
  /** Shown by `list`, and to those who observe an election: at most 4,096 bytes. @default "" */
  readonly metadata?: string;
  /** Held under this session, of `openSession`, and not under one that locks share. */
  readonly session?: LockSession;
}

/** How one caller gets a lock, and how long it waits. */
export interface WaitOptions extends AcquireOptions {
  /** Milliseconds, from 0, that it waits at most; 0 takes what is free. @default forever */
  readonly waitMs?: number;
}
