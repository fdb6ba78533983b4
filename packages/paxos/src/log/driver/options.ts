import {
  type NodeOptions,
  requireAtMost,
  requireThat,
  requireVoters,
  requireWhole,
  type ValidatedNodeOptions,
  validatedNodeOptions,
} from "@quorate/replication/driver";

/** How a node behaves. The same on all nodes of a cluster, but for `directory` and `bootstrap`. */
export interface PaxosLogOptions extends NodeOptions {
  /**
   * The names of those that vote when the log begins; 1 to 31, an odd number wastes none. A node that
   * joins later is given these, too, and is not among them.
   */
  readonly voters: readonly string[];
  /** Where this node keeps its data; made when it does not exist. One member a directory. */
  readonly directory: string;
  /**
   * Whether an empty `directory` is that of a node which has never run. False where a node has lost
   * its data: it could break promises that it no longer knows of, and votes only once it is added anew.
   *
   * @default true
   */
  readonly bootstrap?: boolean;
  /**
   * α: slots that may be undecided at a time; more commands wait. A configuration is used so many
   * slots after the one where it is decided. The same for ever. 1 to 65,536.
   *
   * @default 4_096
   */
  readonly window?: number;
}

export type ValidatedPaxosLogOptions = ValidatedNodeOptions &
  Required<Pick<PaxosLogOptions, "voters" | "directory" | "bootstrap" | "window">>;

/** As many as there are bits in a set of nodes. */
export const MAX_VOTERS = 31;
const MAX_WINDOW = 65_536;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(
  options: PaxosLogOptions,
  transport: { readonly maxMessageBytes: number },
): ValidatedPaxosLogOptions {
  const { voters, directory, bootstrap = true, window = 4_096 } = options;
  requireThat(directory !== "", "directory must not be empty");
  requireVoters(voters, MAX_VOTERS);
  requireWhole("window", window, 1);
  requireAtMost("window", window, MAX_WINDOW);
  return { ...validatedNodeOptions(options, transport), voters, directory, bootstrap, window };
}
