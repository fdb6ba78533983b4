import { pick } from "@quorate/runtime";
import type { NodeEnvironment, SimulatedNode, SwarmContext, SwarmRun } from "@quorate/simulation";
import { createLocks } from "../src/index.ts";
import type { LockBacking, MakeBacking } from "./lock-backing.ts";
import type { LockCoverage } from "./lock-coverage.ts";
import { LockOracle } from "./lock-oracle.ts";
import { LockUser } from "./lock-user.ts";

/** The rates of clocks that are not disturbed differ by so much at most, and others by so much. */
const SKEW = { undisturbed: 0.01, disturbed: 0.2 };

/** One run: a store on the first machines, and users of locks on all others. */
export class LockRun implements SwarmRun<object> {
  readonly #context: SwarmContext<object>;
  readonly #backing: LockBacking;
  readonly #oracle: LockOracle;
  readonly #maxClockDrift: number;
  #lives = 0;
  #isCalm = false;

  constructor(context: SwarmContext<object>, makeBacking: MakeBacking) {
    this.#context = context;
    this.#backing = makeBacking(context);
    const { world, swarm } = context;
    const isDisturbed = swarm.plan.some(({ fault }) => fault.kind === "clock-rate");
    const fastest = (1 + SKEW.undisturbed) * (isDisturbed ? 1 + SKEW.disturbed : 1);
    const slowest = (1 - SKEW.undisturbed) * (isDisturbed ? 1 - SKEW.disturbed : 1);
    this.#maxClockDrift = 1 - slowest / fastest;
    this.#oracle = new LockOracle(
      world.clock,
      fastest,
      this.#backing.queues,
      (what) => this.#cover(what),
      (error) => world.fail(error),
    );
  }

  async boot(environment: NodeEnvironment): Promise<object> {
    const { name, transport } = environment;
    await transport.start();
    if (this.#servers.some((node) => node.name === name)) {
      return this.#backing.boot(environment, this.#oracle.observe);
    }
    return this.#startUser(environment);
  }

  startUsers(): void {
    // they start with their machines
  }

  check(): void {
    this.#oracle.check();
  }

  isSettled(core: readonly SimulatedNode<object>[]): boolean {
    const users = core.filter((node) => !this.#servers.includes(node));
    if (!this.#isCalm) {
      // Without its store nobody gets on: it is well in the end, whoever else is.
      this.#context.nemesis.heal([...this.#servers, ...core]);
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

  describe(program: object): string {
    if (program instanceof LockUser) return program.isFinished ? "finished" : "at work";
    return this.#backing.describe(program);
  }

  leader(): string | undefined {
    return this.#backing.leader?.();
  }

  get #servers(): readonly SimulatedNode<object>[] {
    return this.#context.nodes.slice(0, this.#backing.servers);
  }

  #startUser(environment: NodeEnvironment): LockUser {
    const { name, clock, random } = environment;
    const { world } = this.#context;
    const life = `${name}/${++this.#lives}`;
    const store = this.#backing.connect(environment, life, this.#oracle.observe);
    const locks = createLocks(
      store,
      {
        ttlMs: 1_000,
        requestTimeoutMs: pick(random, this.#backing.requestTimeoutsMs),
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

  #node(name: string): SimulatedNode<object> {
    return this.#context.nodes.find((node) => node.name === name)!;
  }

  #cover(what: LockCoverage): void {
    this.#context.cover(what);
  }
}
