import type { Blockers, Standing } from "../store/coordination-store.ts";

/** What the driver is to do. */
export type AcquisitionEffect =
  | { readonly kind: "join" | "ask" }
  /** Do the same again after a while: the store did not answer. */
  | { readonly kind: "retry" }
  /** Wait until any of them is gone. */
  | { readonly kind: "watch"; readonly refs: readonly string[] }
  /** Take the contender out; without a token, whatever became of its join. */
  | { readonly kind: "leave"; readonly token: bigint | undefined }
  | { readonly kind: "ended"; readonly end: AcquisitionEnd };

/**
 * - `admitted`: the lock is held. `alongside`: who else may hold it, of those who came before.
 * - `busy`: it is not free, and the caller would not wait.
 * - `unanswered`: the store did not answer, and the caller would not wait.
 * - `gone`: the contender is in the queue no more, though nobody here took it out.
 * - `refused`: the store knows no such session.
 * - `given-up`, `session-ended`: as the driver was told.
 */
export type AcquisitionEnd =
  | {
      readonly kind: "admitted";
      readonly token: bigint;
      readonly ref: string;
      readonly alongside: readonly string[];
      /** Whether some join of it was not answered: it must be left for good. */
      readonly isUncertain: boolean;
    }
  | {
      readonly kind: "busy" | "unanswered" | "gone" | "refused" | "given-up" | "session-ended";
    };

type State = "joining" | "asking" | "waiting" | "ended";

const NOTHING: readonly AcquisitionEffect[] = [];

/**
 * One attempt to get a lock: joins the queue, and as long as too many are ahead, waits for one of them
 * to go and *asks again* where it stands. What it is told by a wake-up is only that it should look:
 * its own place may be lost by then ("Jepsen: etcd 3.4.3", K. Kingsbury 2020: a waiter that does not look
 * holds a lock that it has lost already).
 *
 * Source of the queue without a herd: ZooKeeper's lock recipe (P. Hunt et al., USENIX ATC 2010, §2.4).
 */
export class AcquisitionCore {
  readonly #blockers: Blockers;
  readonly #mayWait: boolean;
  #state: State = "joining";
  #joined: Pick<Standing, "token" | "ref"> | undefined;
  /** A join that was not answered may arrive yet, after one that was, and after it was left again. */
  #isUncertain = false;

  constructor(blockers: Blockers, mayWait: boolean) {
    this.#blockers = blockers;
    this.#mayWait = mayWait;
  }

  get isOver(): boolean {
    return this.#state === "ended";
  }

  begin(): readonly AcquisitionEffect[] {
    return [{ kind: "join" }];
  }

  joined({ token, ref, ahead }: Standing): readonly AcquisitionEffect[] {
    if (this.#state !== "joining") return NOTHING; // given up: its leaving is final
    this.#joined = { token, ref };
    return this.#consider(ahead);
  }

  standing(ahead: readonly string[]): readonly AcquisitionEffect[] {
    return this.#state === "asking" ? this.#consider(ahead) : NOTHING;
  }

  /** The store has no such contender, or no such session. */
  lost(how: "gone" | "refused"): readonly AcquisitionEffect[] {
    if (this.#state === "ended") return NOTHING;
    return how === "gone" ? this.#leave({ kind: how }) : this.#end({ kind: how });
  }

  /** One of those ahead may be gone. */
  woken(): readonly AcquisitionEffect[] {
    if (this.#state !== "waiting") return NOTHING;
    this.#state = "asking";
    return [{ kind: "ask" }];
  }

  /** The store did not answer a join or a question. */
  unanswered(): readonly AcquisitionEffect[] {
    if (this.#state !== "joining" && this.#state !== "asking") return NOTHING;
    if (this.#state === "joining") this.#isUncertain = true;
    return this.#mayWait ? [{ kind: "retry" }] : this.#leave({ kind: "unanswered" });
  }

  /** What was not answered is to be tried again. */
  retry(): readonly AcquisitionEffect[] {
    if (this.#state === "joining") return [{ kind: "join" }];
    return this.#state === "asking" ? [{ kind: "ask" }] : NOTHING;
  }

  giveUp(): readonly AcquisitionEffect[] {
    if (this.#state === "joining") this.#isUncertain = true;
    return this.#state === "ended" ? NOTHING : this.#leave({ kind: "given-up" });
  }

  /** Its contender goes with the session, or lingers with it: no leave would be heard. */
  sessionEnded(): readonly AcquisitionEffect[] {
    return this.#state === "ended" ? NOTHING : this.#end({ kind: "session-ended" });
  }

  #consider(ahead: readonly string[]): readonly AcquisitionEffect[] {
    if (ahead.length < this.#blockers.limit) {
      const isUncertain = this.#isUncertain;
      return this.#end({ kind: "admitted", ...this.#joined!, alongside: ahead, isUncertain });
    }
    if (!this.#mayWait) return this.#leave({ kind: "busy" });
    this.#state = "waiting";
    return [{ kind: "watch", refs: ahead }];
  }

  #leave(end: AcquisitionEnd): readonly AcquisitionEffect[] {
    const token = this.#isUncertain ? undefined : this.#joined?.token;
    return [{ kind: "leave", token }, ...this.#end(end)];
  }

  #end(end: AcquisitionEnd): readonly AcquisitionEffect[] {
    this.#state = "ended";
    return [{ kind: "ended", end }];
  }
}
