import { pick } from "@quorate/runtime";
import type { NodeEnvironment, SimulatedNode, SwarmContext, SwarmRun } from "@quorate/simulation";
import { createLocks } from "../src/index.ts";
import type { LockCoverage } from "./lock-coverage.ts";
import { LockOracle } from "./lock-oracle.ts";
import { LockServer } from "./lock-server.ts";
import { LockUser } from "./lock-user.ts";
import { RemoteStore } from "./remote-store.ts";

type Program = LockServer | LockUser;

/** The rates of clocks that are not disturbed differ by so much at most, and others by so much. */
const SKEW = { undisturbed: 0.01, disturbed: 0.2 };

/** One run: a store on the first machine, and users of locks on all others. */
export class LockRun implements SwarmRun<Program> {
  readonly #context: SwarmContext<Program>;
  readonly #oracle: LockOracle;
  readonly #maxClockDrift: number;
  #lives = 0;
  #isCalm = false;

  constructor(context: SwarmContext<Program>) {
    this.#context = context;
    const { world, swarm } = context;
    const isDisturbed = swarm.plan.some(({ fault }) => fault.kind === "clock-rate");
    const fastest = (1 + SKEW.undisturbed) * (isDisturbed ? 1 + SKEW.disturbed : 1);
    const slowest = (1 - SKEW.undisturbed) * (isDisturbed ? 1 - SKEW.disturbed : 1);
    this.#maxClockDrift = 1 - slowest / fastest;
    this.#oracle = new LockOracle(
      world.clock,
      fastest,
      (what) => this.#cover(what),
      (error) => world.fail(error),
    );
  }

  async boot(environment: NodeEnvironment): Promise<Program> {
    const { name, transport } = environment;
    await transport.start();
    if (name === this.#server.name) {
      this.#cover("failovers");
      return new LockServer(environment, this.#oracle.durable);
    }
    return this.#startUser(environment);
  }

  startUsers(): void {
    // they start with their machines
  }

  check(): void {
    this.#oracle.check();
  }

  isSettled(core: readonly SimulatedNode<Program>[]): boolean {
    const users = core.filter((node) => node !== this.#server);
    if (!this.#isCalm) {
      // Without its store nobody gets on: it is well in the end, whoever else is.
      this.#context.nemesis.heal([this.#server, ...core]);
      this.#oracle.calm(new Set(users.map(({ name }) => name)));
      this.#isCalm = true;
    }
    let finished = 0;
    for (const { instance } of users) {
      if (!(instance instanceof LockUser)) continue;
      instance.finish().catch((error: unknown) => this.#context.world.fail(error));
      if (instance.isFinished) finished++;
    }
    if (finished < users.length) return false;
    return this.#oracle.contendersOf(new Set(users.map(({ name }) => name))).length === 0;
  }

  checkEnd(): void {
    this.#cover("settled");
  }

  describe(program: Program): string {
    if (program instanceof LockUser) return program.isFinished ? "finished" : "at work";
    const { state } = this.#oracle;
    return state
      .queues()
      .map((queue) => {
        const refs = state.contenders(queue, 20, -Infinity).map(({ ref }) => ref);
        return `${queue}: ${refs.join(", ")}`;
      })
      .join("; ");
  }

  get #server(): SimulatedNode<Program> {
    return this.#context.nodes[0]!;
  }

  #startUser({ name, clock, random, transport }: NodeEnvironment): LockUser {
    const { world } = this.#context;
    const life = `${name}/${++this.#lives}`;
    const store = new RemoteStore(this.#server.name, transport, clock, life);
    const locks = createLocks(
      store,
      {
        ttlMs: 1_000,
        requestTimeoutMs: pick(random, [120, 250, 800]),
        maxClockDrift: this.#maxClockDrift,
      },
      { clock, random },
    );
    const delays = world.random.fork(`writes of ${life}`);
    const user: LockUser = new LockUser(locks, clock, random.fork("user"), {
      patient: () => this.#oracle.patient(name),
      granted: (held) => {
        this.#context.operations++;
        this.#oracle.granted(held, name, clock, () => this.#node(name).instance === user);
      },
      ended: (held) => this.#oracle.ended(held),
      write: (held) => {
        const delayMs = delays.next() < 0.8 ? 20 * delays.next() : 3_000 * delays.next();
        world.clock.setTimer(delayMs, () => this.#oracle.write(held));
      },
      cover: (what) => this.#cover(what),
    });
    user.working.catch((error: unknown) => world.fail(error));
    return user;
  }

  #node(name: string): SimulatedNode<Program> {
    return this.#context.nodes.find((node) => node.name === name)!;
  }

  #cover(what: LockCoverage): void {
    this.#context.cover(what);
  }
}
