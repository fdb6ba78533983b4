import {
  type NodeOptions,
  requireThat,
  requireVoters,
  type ValidatedNodeOptions,
  validatedNodeOptions,
} from "@quorate/replication/driver";

/** How a node behaves. The same on all nodes of a cluster, but for `directory`. */
export interface RaftOptions extends NodeOptions {
  /** The names of all nodes that vote, this one among them; 1 to 15, an odd number wastes none. */
  readonly voters: readonly string[];
  /** Where this node keeps its data; made when it does not exist. One member a directory. */
  readonly directory: string;
}

export type ValidatedRaftOptions = ValidatedNodeOptions & Pick<RaftOptions, "voters" | "directory">;

const MAX_VOTERS = 15;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(
  options: RaftOptions,
  transport: { readonly nodeId: string; readonly maxMessageBytes: number },
): ValidatedRaftOptions {
  const { voters, directory } = options;
  requireThat(directory !== "", "directory must not be empty");
  requireVoters(voters, MAX_VOTERS);
  requireThat(
    voters.includes(transport.nodeId),
    `voters (${voters.join(", ")}) must have this node, ${transport.nodeId}`,
  );
  return { ...validatedNodeOptions(options, transport), voters, directory };
}
