import { createKvClient, KvStateMachine, serveKv } from "@quorate/kv";
import { createRaftNode, WalStorage } from "@quorate/raft";
import { pick } from "@quorate/runtime";
import type { NodeEnvironment, SwarmContext } from "@quorate/simulation";
import type { CoordinationStore } from "../src/index.ts";
import { createQuorateStore } from "../src/quorate/index.ts";
import { KvQueues } from "./kv-queues.ts";
import type { LockBacking } from "./lock-backing.ts";
import type { StoreObserver } from "./store-observer.ts";
import { observed } from "./observed-store.ts";

const SERVERS = 3;
/** Small, so that the log is cut and replicas catch up from snapshots. */
const SNAPSHOT_AFTER_BYTES = 20_000;
const ATTEMPT_TIMEOUT_MS = 300;

/** A replica. */
class Replica {
  readonly log: ReturnType<typeof createRaftNode<KvStateMachine>>;

  constructor(log: Replica["log"]) {
    this.log = log;
  }
}

/** The store that is there: replicas of `@quorate/kv` on Raft, on disks, and its clients. */
export class KvBacking implements LockBacking {
  readonly servers = SERVERS;
  /** For three round trips: of a client, of replicas, and of a read when a join had no answer. */
  readonly requestTimeoutsMs: readonly number[] = [800, 2_000];
  readonly queues: KvQueues = new KvQueues();
  readonly #context: SwarmContext<object>;

  constructor(context: SwarmContext<object>) {
    this.#context = context;
  }

  async boot(environment: NodeEnvironment, seen: StoreObserver): Promise<object> {
    const { name, clock, random, transport, fileSystem } = environment;
    const voters = this.#names;
    const machine = new KvStateMachine();
    machine.listen({
      committed: (revision, entries) => {
        if (this.queues.wrote(revision, entries)) seen.changed();
      },
    });
    const directory = `/${name}`;
    const own = { directory, nodeId: name, voters, segmentBytes: 65_536 };
    const storage = new WalStorage(own, fileSystem, random.fork("wal"));
    const log = createRaftNode(
      { voters, directory, snapshotAfterBytes: SNAPSHOT_AFTER_BYTES },
      { transport, machine, clock, random, storage },
    );
    log.onFailure((error) => this.#context.world.fail(error));
    log.onLeader((leader) => leader === name && this.#context.cover("failovers"));
    serveKv(log, transport, {}, { clock });
    await log.start();
    return new Replica(log);
  }

  connect(environment: NodeEnvironment, life: string, seen: StoreObserver): CoordinationStore {
    const { name, transport, clock, random } = environment;
    const timeoutMs = pick(random, [600, 2_000]);
    const timing = { timeoutMs, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS };
    const dependencies = { transport, clock, random: random.fork(`client ${life}`) };
    const client = createKvClient({ nodes: this.#names, ...timing }, dependencies);
    const store = createQuorateStore(client, { pollMs: 2_000 }, { clock });
    return observed(store, name, () => this.#context.world.clock.now(), seen);
  }

  leader(): string | undefined {
    const leading = this.#context.running().flatMap(({ name, instance }) => {
      if (!(instance instanceof Replica)) return [];
      const { role, term } = instance.log.status();
      return role === "leader" ? [{ name, term }] : [];
    });
    return leading.toSorted((a, b) => b.term - a.term)[0]?.name;
  }

  describe(program: object): string {
    if (!(program instanceof Replica)) return "?";
    const { role, leader, term, commitIndex, appliedIndex } = program.log.status();
    return `${role} of term ${term}, leader ${leader}, commit ${commitIndex}, applied ${appliedIndex}`;
  }

  get #names(): readonly string[] {
    return this.#context.swarm.names.slice(0, SERVERS);
  }
}
