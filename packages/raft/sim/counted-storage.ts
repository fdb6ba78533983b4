import type { RaftStorage } from "../src/index.ts";

/** A storage that tells when the log was cut because another leader's entries took its place. */
export function counted(
  storage: RaftStorage,
  cover: (name: "truncations" | "log resets") => void,
): RaftStorage {
  let lastIndex = 0;
  return {
    snapshots: storage.snapshots,
    load: async () => {
      const recovered = await storage.load();
      lastIndex = recovered.log.last.index;
      return recovered;
    },
    persist: (write) => {
      const { resetTo, firstIndex, entries } = write;
      if (resetTo) {
        cover("log resets");
        lastIndex = resetTo.index;
      }
      if (entries.length > 0) {
        if (firstIndex <= lastIndex) cover("truncations");
        lastIndex = firstIndex + entries.length - 1;
      }
      return storage.persist(write);
    },
    compact: (base) => storage.compact(base),
    close: () => storage.close(),
  };
}
