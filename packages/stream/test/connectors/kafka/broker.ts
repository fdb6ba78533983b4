import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Admin } from "@platformatic/kafka";

const cache =
  process.env["QUORATE_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "quorate");
const jars = join(cache, "kafka-4.1.2");
const JARS = 45;
/** Any 16 bytes; as text they must not begin with a dash. */
const CLUSTER_ID = Buffer.from("a cluster by now").toString("base64url");

/** A part of a suite's title: why it is left out; empty when nothing is missing. */
export const missing: string = whyMissing();

/** A real broker of its own (KRaft, one node), on this machine. */
export class Broker {
  readonly address: string;
  readonly admin: Admin;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, port: number, process: ChildProcess) {
    this.address = `127.0.0.1:${port}`;
    this.#folder = folder;
    this.#process = process;
    this.admin = new Admin({ clientId: "test", bootstrapBrokers: [this.address] });
  }

  static async start(): Promise<Broker> {
    const folder = await mkdtemp(join(tmpdir(), "quorate-kafka-"));
    const [port, controllerPort] = [await freePort(), await freePort()];
    const file = join(folder, "server.properties");
    await writeFile(file, configuration(folder, port, controllerPort));
    const java = ["-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", join(jars, "*")];
    const format = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", file];
    execFileSync("java", [...java, ...format], { stdio: "pipe" });
    const child = spawn("java", [...java, "kafka.Kafka", file], { stdio: "ignore" });
    const broker = new Broker(folder, port, child);
    await broker.#answers();
    return broker;
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.admin.createTopics({ topics: [topic], partitions, replicas: 1 });
  }

  async stop(): Promise<void> {
    await this.admin.close();
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error("the broker did not start");
      const isUp = await this.admin.listTopics().then(
        () => true,
        () => false,
      );
      if (isUp) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function configuration(folder: string, port: number, controllerPort: number): string {
  return [
    ...["process.roles=broker,controller", "node.id=1", "num.partitions=1"],
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    ...[`advertised.listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${join(folder, "data")}`],
    ...["controller.listener.names=CONTROLLER", "auto.create.topics.enable=false"],
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    ...["offsets.topic.num.partitions=4", "offsets.topic.replication.factor=1"],
    ...["transaction.state.log.num.partitions=4", "transaction.state.log.replication.factor=1"],
    ...["transaction.state.log.min.isr=1", "group.initial.rebalance.delay.ms=0"],
    // A transaction that is over its time is aborted soon, a member that is dead is missed soon.
    ...["transaction.abort.timed.out.transaction.cleanup.interval.ms=200"],
    ...["group.min.session.timeout.ms=500", "offsets.retention.check.interval.ms=1000"],
  ].join("\n");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function whyMissing(): string {
  const found = existsSync(jars) ? readdirSync(jars).filter((name) => name.endsWith(".jar")) : [];
  if (found.length < JARS) {
    return " (left out: Kafka's jars are not there; run packages/stream/test/peers/fetch)";
  }
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return "";
  } catch {
    return " (left out: there is no java; apt-get install openjdk-17-jre-headless)";
  }
}
