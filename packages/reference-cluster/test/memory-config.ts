import { type ClusterConfig, foundConfig, withSetting } from "../src/config/cluster-config.ts";
import type { ConfigClient } from "../src/config/config-client.ts";
import type { WatchedConfig } from "../src/config/watched-config.ts";

/** A configuration in memory, as the gateway uses it. */
export class MemoryConfig {
  #config: ClusterConfig = foundConfig(["shard-1"], ["n1", "n2", "n3"]);

  get dependencies(): { readonly config: ConfigClient; readonly features: WatchedConfig } {
    const config = {
      get: async () => this.#config,
      set: async (name: string, value: string) =>
        (this.#config = withSetting(this.#config, name, value)),
    };
    const features = { isOn: (feature: "acceptOrders") => this.#config.features[feature] };
    return { config: config as ConfigClient, features: features as WatchedConfig };
  }
}
