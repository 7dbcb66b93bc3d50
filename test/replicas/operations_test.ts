/** The files with which replicas are operated: HAProxy, Compose, Helm, systemd. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { SETTINGS } from "../../lib/config/mod.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { SmtpClient, type SmtpLogin } from "../../tools/smtp_client.ts";
import { renderTemplate } from "./helm.ts";
import { sharedCluster } from "../postgres.ts";
import { requireProgram, run } from "../programs.ts";
import { Helper, needsBalancer } from "./helpers.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { NORA } from "../testbed.ts";

const EXAMPLES = "docs/operations";
const CHART = join(EXAMPLES, "helm");
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");
/** HAProxy is reached by IPv6, and reaches the replicas by IPv4: so the addresses tell who is who. */
const CLIENT_ADDRESS = "::1";
const names: readonly string[] = SETTINGS.map(({ name }) => name);

const cluster = await sharedCluster();
const needsYaml = requireProgram("python3", "-c", "import yaml");

/** Reads documents of YAML 1.1, as Kubernetes and Compose do. */
async function parseYaml(text: string): Promise<Document[]> {
  const program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
  const { code, output } = await run("python3", ["-c", program], { stdin: text });
  assert.equal(code, 0, output);
  return JSON.parse(output).filter((document: unknown) => document !== null);
}

// deno-lint-ignore no-explicit-any -- whatever stands in a file
type Document = any;

/** Starts HAProxy with the example's file, in which the names and ports of this machine stand. */
async function startExample(replicas: readonly Replica[], certificate: string): Promise<Helper> {
  let text = await Deno.readTextFile(join(EXAMPLES, "haproxy.replicas.cfg"));
  replicas.forEach(({ ports }, index) => {
    const name = `proxy${index + 1}`;
    const own = { 3000: ports.http, 4465: ports.tls, 5587: ports.startTls };
    for (const [port, here] of Object.entries(own)) {
      text = text.replaceAll(` ${name}:${port}`, ` 127.0.0.1:${here}`);
    }
    text = text.replaceAll(
      new RegExp(`(server ${name} .* port) 3000`, "g"),
      `$1 ${ports.http}`,
    );
  });
  return await Helper.start(["haproxy", "-db", "-f", "DIRECTORY/haproxy.cfg"], (helper) => ({
    "haproxy.pem": certificate,
    "haproxy.cfg": text
      .replace(":8443 ", `[${CLIENT_ADDRESS}]:${helper.ports.http} `)
      .replace(":8465", `[${CLIENT_ADDRESS}]:${helper.ports.tls}`)
      .replace(
        ":8587",
        `[${CLIENT_ADDRESS}]:${helper.ports.startTls}\n    bind 127.0.0.1:${helper.ports.smtp}`,
      )
      .replace("/usr/local/etc/haproxy/certs", helper.directory),
  }));
}

/** Sends a message on a port of HAProxy. */
async function send(
  { ports }: Helper,
  port: "tls" | "startTls",
  login: SmtpLogin,
  ca: string,
): Promise<void> {
  const address = { host: CLIENT_ADDRESS, port: ports[port], ca, implicitTls: port === "tls" };
  using client = await SmtpClient.connect(address);
  await (port === "tls" ? client.hello() : client.startTls());
  assert.match(await client.authenticate(login), /^235 /);
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
}

Deno.test({
  name:
    "R5: haproxy.replicas.cfg leads to all replicas that are ready, and clients keep their addresses",
  ...needsBalancer,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    const { certificateAuthority } = bed.bed.simulation;
    const { key, cert } = await certificateAuthority.issue({ names: ["localhost", "::1"] });
    await bed.bed.certify(["localhost", "::1"]);
    const replicas = await bed.serve(2, {
      SMTP_PROXY_PROTOCOL: "required",
      TRUST_PROXY: "127.0.0.1",
      LOG_FORMAT: "json",
      PUBLIC_URL: "https://localhost",
    });
    await using balancer = await startExample(replicas, cert + key);
    const { ca } = bed.bed;
    const clients = (index: number) =>
      [...replicas[index]!.program.log.matchAll(/"message":"login".*?"client":"([^"]*)"/g)]
        .map(([, address]) => address);
    await eventually("both serve clients", async () => {
      for (const port of ["tls", "startTls"] as const) await send(balancer, port, login, ca);
      return replicas.every((_, index) => clients(index).length >= 2);
    });
    for (const index of [0, 1]) {
      assert.deepEqual(new Set(clients(index)), new Set([CLIENT_ADDRESS]));
    }

    using http = Deno.createHttpClient({ caCerts: [ca] });
    const page = () =>
      fetch(`https://[${CLIENT_ADDRESS}]:${balancer.ports.http}/readyz`, { client: http });
    assert.equal((await (await page()).json()).status, "ready");

    // One is stopped: everybody goes to the other one, at once.
    await replicas[0]!.program.stop();
    for (let count = 0; count < 4; count++) {
      for (const port of ["tls", "startTls"] as const) await send(balancer, port, login, ca);
    }
    assert.equal((await (await page()).json()).status, "ready");
  },
});

Deno.test({
  name: "Compose accepts the examples, and docker-compose.replicas.yml names what exists",
  ...requireProgram("docker-compose", "version"),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_compose_" });
    await Deno.writeTextFile(join(directory, ".env"), "DATABASE_PASSWORD=secret\n");
    for await (const { name } of Deno.readDir(EXAMPLES)) {
      if (!name.startsWith("docker-compose")) continue;
      const file = join(directory, name);
      await Deno.copyFile(join(EXAMPLES, name), file);
      const { code, output } = await run("docker-compose", ["--file", file, "config", "--quiet"]);
      assert.equal(code, 0, `${name}: ${output}`);
    }
    const path = join(directory, "docker-compose.replicas.yml");
    const { output } = await run("docker-compose", ["--file", path, "config"]);
    const { services, networks } = (await parseYaml(output))[0];
    for (const replica of ["proxy1", "proxy2"]) {
      const { environment } = services[replica];
      for (const name of Object.keys(environment)) {
        if (name !== "DATABASE_PASSWORD") assert.ok(names.includes(name), name);
      }
      // A PROXY header is believed from the network that HAProxy shares with the replicas.
      assert.equal(environment.TRUST_PROXY, networks.inside.ipam.config[0].subnet);
      assert.equal(environment.DATABASE_URL, "postgres://proxy:secret@postgres:5432/proxy");
    }
    await Deno.remove(directory, { recursive: true });
  },
});

/** Renders the chart, with other values than those of its file. */
async function renderChart(changes: Document = {}): Promise<Document[]> {
  const [values] = await parseYaml(await Deno.readTextFile(join(CHART, "values.yaml")));
  const Values = { ...values, ...changes, postgres: { ...values.postgres, ...changes.postgres } };
  const data = { Values, Release: { Name: "mail", Namespace: "default" } };
  const texts = await Array.fromAsync(
    Deno.readDir(join(CHART, "templates")),
    ({ name }) => Deno.readTextFile(join(CHART, "templates", name)),
  );
  return await parseYaml(texts.map((text) => renderTemplate(text, data)).join("\n---\n"));
}

for (const enabled of [true, false]) {
  Deno.test({
    name: `the Helm chart fits together, with postgres.enabled=${enabled}`,
    ...needsYaml,
    async fn() {
      const objects = await renderChart({ postgres: { enabled } });
      const find = (kind: string, name: string) =>
        objects.find((one) => one.kind === kind && one.metadata.name === name);
      const workloads = objects.filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind));
      assert.deepEqual(
        workloads.map(({ metadata }) => metadata.name).toSorted(),
        ["mail", "mail-haproxy", ...(enabled ? ["mail-postgres"] : [])],
      );
      for (const { spec } of workloads) {
        const { metadata: { labels }, spec: pod } = spec.template;
        assert.deepEqual(spec.selector.matchLabels, labels);
        const volumes = [...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? [])]
          .map((volume: Document) => volume.name ?? volume.metadata.name);
        for (const { volumeMounts } of [...pod.containers, ...(pod.initContainers ?? [])]) {
          for (const { name } of volumeMounts) assert.ok(volumes.includes(name), name);
        }
      }
      // Each service leads to pods that exist, on ports that they open.
      for (const { spec, metadata } of objects.filter(({ kind }) => kind === "Service")) {
        const [target, ...others] = workloads.filter(({ spec: { template } }) =>
          Object.entries(spec.selector).every(([key, value]) =>
            template.metadata.labels[key] === value
          )
        );
        assert.ok(target && others.length === 0, metadata.name);
        const open = target.spec.template.spec.containers[0].ports.flatMap(
          ({ name, containerPort }: Document) => [name, containerPort],
        );
        for (const { port, targetPort = port } of spec.ports) assert.ok(open.includes(targetPort));
      }
      const [proxy] = find("Deployment", "mail").spec.template.spec.containers;
      const settings = proxy.env.map(({ name }: Document) => name);
      for (const name of settings) {
        assert.ok(names.includes(name) || name === "DATABASE_PASSWORD", name);
      }
      assert.equal(settings.includes("DATABASE_URL"), enabled);
      const secrets = JSON.stringify(objects).match(/mail-postgres/g) ?? [];
      assert.equal(find("Secret", "mail-postgres") !== undefined, enabled);
      assert.equal(secrets.length > 0, enabled);
    },
  });
}

Deno.test({
  name: "HAProxy accepts haproxy.replicas.cfg, and the file in the Helm chart",
  ignore: needsYaml.ignore || requireProgram("haproxy", "-v").ignore,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_haproxy_" });
    const authority = await CertificateAuthority.create("Test");
    const { key, cert } = await authority.issue({ names: ["localhost"] });
    const pem = join(directory, "haproxy.pem");
    await Deno.writeTextFile(pem, cert + key);
    const objects = await renderChart();
    const texts = [
      (await Deno.readTextFile(join(EXAMPLES, "haproxy.replicas.cfg")))
        .replaceAll(/ proxy\d:/g, " 127.0.0.1:"),
      objects.find(({ kind }) => kind === "ConfigMap").data["haproxy.cfg"] as string,
    ];
    for (const text of texts) {
      const path = join(directory, "haproxy.cfg");
      await Deno.writeTextFile(path, text.replace(/crt \S+/, `crt ${pem}`));
      const { code, output } = await run("haproxy", ["-c", "-f", path]);
      assert.equal(code, 0, output);
      assert.doesNotMatch(output, /WARNING|ALERT/);
    }
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test({
  name: "systemd accepts the template unit of replicas, and each instance has its own port",
  ...requireProgram("systemd-analyze"),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_units_" });
    const text = await Deno.readTextFile(join(EXAMPLES, "smtp-oauth2-proxy@.service"));
    const unit = join(directory, "smtp-oauth2-proxy@1.service");
    await Deno.writeTextFile(unit, text.replaceAll("/opt/smtp-oauth2-proxy", Deno.cwd()));
    const { code, output } = await run("systemd-analyze", ["verify", "--man=no", unit]);
    assert.equal(code, 0, output);
    assert.ok(!output.includes(unit), output);
    const assigned = [...text.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) =>
      line!.split(" ").map((pair) => pair.split("=")[0]!)
    );
    for (const name of assigned) assert.ok(names.includes(name) || name.startsWith("DENO_"), name);
    await Deno.remove(directory, { recursive: true });
  },
});
