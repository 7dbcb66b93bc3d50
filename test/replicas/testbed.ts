/**
 * The surroundings of tests with several replicas: a simulated Microsoft, a PostgreSQL, and the program as many times as wanted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { SmtpClient, type SmtpLogin } from "../../tools/smtp_client.ts";
import { TestClient } from "../../tools/simulate/identity/testing.ts";
import { DEMO_APPLICATION } from "../../tools/simulate/identity_provider.ts";
import { person } from "../../tools/simulate/people.ts";
import type { SimulationOptions } from "../../tools/simulate/simulation.ts";
import { ReservedPorts } from "../ports.ts";
import type { Cluster } from "../postgres.ts";
import type { RunningProgram } from "../running_program.ts";
import { NORA, type ServeCommand, type Settings, Testbed } from "../testbed.ts";

/** One replica. */
export class Replica implements AsyncDisposable {
  constructor(
    readonly program: RunningProgram,
    readonly ports: ReservedPorts,
  ) {}

  /** A mail client that has logged in on the plain port. */
  async logIn(login: SmtpLogin): Promise<SmtpClient> {
    const client = await SmtpClient.connect({ port: this.ports.smtp });
    await client.hello();
    assert.match(await client.authenticate(login), /^235 /);
    return client;
  }

  /** Returns the answer to a login. */
  async tryLogin(login: SmtpLogin): Promise<string> {
    using client = await SmtpClient.connect({ port: this.ports.smtp });
    await client.hello();
    return await client.authenticate(login);
  }

  /** Returns the status and the content of `/readyz`. */
  async ready(): Promise<{ status: number; content: Record<string, string> }> {
    const response = await fetch(`http://localhost:${this.ports.http}/readyz`);
    return { status: response.status, content: await response.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    this.ports[Symbol.dispose]();
  }
}

/** A testbed whose database is in PostgreSQL. */
export class ReplicasTestbed implements AsyncDisposable {
  readonly #replicas: Replica[] = [];

  private constructor(
    readonly bed: Testbed,
    /** Where the database is: another server after a failover. */
    public cluster: Cluster,
    readonly database: string,
  ) {}

  /** Starts the simulation, and creates a database. No replica runs yet. */
  static async open(cluster: Cluster, options?: SimulationOptions): Promise<ReplicasTestbed> {
    const database = await cluster.createMigratedDatabase();
    const bed = await Testbed.open(options);
    bed.environment.DATABASE_URL = cluster.url(database);
    return new ReplicasTestbed(bed, cluster, database);
  }

  /** Starts replicas, one after the other, and waits until they are ready. */
  async serve(count: number, settings: Settings = {}): Promise<Replica[]> {
    const started: Replica[] = [];
    for (let index = 0; index < count; index++) started.push(await this.serveOne(settings));
    return started;
  }

  /** Starts a replica on ports of its own. */
  async serveOne(settings: Settings = {}, command?: ServeCommand): Promise<Replica> {
    const ports = ReservedPorts.reserve();
    const program = await this.bed.serve({
      HTTP_PORT: `${ports.http}`,
      SMTP_PORT: `${ports.smtp}`,
      SMTP_TLS_PORT: `${ports.tls}`,
      SMTP_STARTTLS_PORT: `${ports.startTls}`,
      SMTP_AUTOTLS_PORT: `${ports.autoTls}`,
      ...settings,
    }, command);
    const replica = new Replica(program, ports);
    this.#replicas.push(replica);
    return replica;
  }

  /** Signs Nora in. Returns an app password. */
  async signIn(): Promise<SmtpLogin> {
    const { code, errors } = await this.bed.addAccount();
    assert.equal(code, 0, errors);
    return await this.bed.createLogin();
  }

  /** Makes Nora's access token one that has expired. */
  async expireToken(): Promise<void> {
    await this.bed.withServices(async ({ store, vault }) => {
      const [account] = await store.accounts.listByName(NORA);
      const { tokens, version } = (await vault.load(account!))!;
      const expired = { ...tokens, accessToken: "expired", accessTokenExpiresAtMs: 1 };
      assert.ok(await vault.replace(account!, expired, version));
    });
  }

  /** Signs people in whose access tokens have expired. Returns an app password of each. */
  async addPeople(addresses: readonly string[]): Promise<SmtpLogin[]> {
    const { identityProvider } = this.bed.simulation;
    const client = new TestClient(identityProvider);
    const issued = await Promise.all(addresses.map((address) => client.signIn(address)));
    return await this.bed.withServices(({ vault, accounts }) =>
      Promise.all(addresses.map(async (address, index) => {
        const { tenantId, objectId } = person(address);
        const names = { signInName: address, email: address, displayName: address };
        const { account } = await vault.recordSignIn({
          ...{ ...names, tenantId, objectId, clientId: DEMO_APPLICATION.id, atMs: Date.now() },
          ...{ signInNameConfirmed: true, emailVerified: true },
        }, {
          accessToken: "expired",
          accessTokenExpiresAtMs: 1,
          refreshToken: issued[index]!.refresh_token!,
          obtainedAtMs: Date.now(),
        });
        const { password } = await accounts.createAppPassword(account.id, { name: "test" });
        return { username: address, password };
      }))
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) await replica[Symbol.asyncDispose]();
    await this.bed[Symbol.asyncDispose]();
    await this.cluster.dropDatabase(this.database);
  }
}

/** Waits until something is so, and fails if it never is. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!await isSo()) {
    assert.ok(performance.now() < endMs, `${what}: never`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
