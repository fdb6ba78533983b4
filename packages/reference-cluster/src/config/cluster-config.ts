import { ClusterError } from "../cluster-error.ts";

/** What all parts of a cluster go by, kept in its Paxos register. */
export interface ClusterConfig {
  /** One more with each change; 1 at first. */
  readonly revision: number;
  /** The nodes of each shard, by its name. */
  readonly shards: Readonly<Record<string, readonly string[]>>;
  readonly features: Features;
}

/** What can be turned on and off while the cluster runs. */
export interface Features {
  /** Whether the gateway takes new orders; reads are answered all the same. */
  readonly acceptOrders: boolean;
}

const DEFAULTS: Features = { acceptOrders: true };
const SETTINGS = Object.keys(DEFAULTS).map((name) => `features.${name}`);

/** Of a new cluster, whose nodes are in every shard. */
export function foundConfig(shards: readonly string[], nodes: readonly string[]): ClusterConfig {
  return {
    revision: 1,
    shards: Object.fromEntries(shards.map((name) => [name, nodes])),
    features: DEFAULTS,
  };
}

/**
 * The configuration after `quorate config set NAME VALUE`; the same object when that changes nothing.
 *
 * @throws {ClusterError} `invalid-option`: there is no such setting, or it cannot have this value.
 */
export function withSetting(config: ClusterConfig, name: string, value: string): ClusterConfig {
  if (name.startsWith("shards")) {
    throw new ClusterError(
      "invalid-option",
      "shards are fixed once the cluster's folder is founded",
    );
  }
  const feature = name.replace("features.", "") as keyof Features;
  if (!SETTINGS.includes(name)) {
    throw new ClusterError(
      "invalid-option",
      `there is no "${name}"; there is ${SETTINGS.join(", ")}`,
    );
  }
  if (value !== "true" && value !== "false") {
    throw new ClusterError("invalid-option", `${name} must be true or false, not ${value}`);
  }
  const isOn = value === "true";
  if (config.features[feature] === isOn) return config;
  const features = { ...config.features, [feature]: isOn };
  return { ...config, revision: config.revision + 1, features };
}

export function encodeConfig(config: ClusterConfig): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(config));
}

export function decodeConfig(bytes: Uint8Array): ClusterConfig {
  return JSON.parse(new TextDecoder().decode(bytes)) as ClusterConfig;
}
