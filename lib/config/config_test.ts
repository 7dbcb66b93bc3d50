import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { parseConfig } from "./config.ts";
import { ConfigError, type Problem } from "./reader.ts";
import type { Config } from "./types.ts";

const SESSION_SECRET = "0123456789abcdef0123456789abcdef";

const MINIMAL = {
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET,
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_PORT: "2525",
};

interface Input {
  readonly files?: Readonly<Record<string, string>>;
}

function parse(
  env: Record<string, string | undefined>,
  { files = {} }: Input = {},
): Config {
  return parseConfig({ ...MINIMAL, ...env }, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("no such file");
    return text;
  });
}

function problems(env: Record<string, string | undefined>, input?: Input): readonly Problem[] {
  try {
    parse(env, input);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

/** Asserts that there is one problem, with that variable and with the given text in it. */
function assertProblem(env: Record<string, string>, variable: string, text: string, input?: Input) {
  const found = problems(env, input);
  assert.deepEqual(found.map((problem) => problem.variable), [variable], JSON.stringify(found));
  const [{ message, remedy }] = found as [Problem];
  assert.ok(`${message} ${remedy}`.includes(text), `${message} ${remedy}`);
}

Deno.test("parseConfig() fills in the defaults", () => {
  const config = parse({});
  assert.equal(config.defaultClientId, "app-1");
  assert.equal(config.session.cookieName, "session");
  assert.equal(config.sqlitePath, "data/db.sqlite");
  assert.deepEqual(config.microsoft, {
    tenant: "consumers",
    authority: "https://login.microsoftonline.com",
  });
  assert.deepEqual(config.target, { host: undefined, port: 587, tls: "starttls" });
  assert.deepEqual(config.smtp.hosts, ["0.0.0.0", "::"]);
  assert.deepEqual(config.smtp.ports, { plain: [2525], tls: [], starttls: [], auto: [] });
  assert.equal(config.smtp.inspectionDelayMs, 1000);
  assert.equal(config.smtp.greetingName, "smtp.example.com");
  assert.equal(config.smtp.proxyProtocol, "off");
  const { messageSizeOctets, recipientCount, idleTimeoutSeconds } = config.smtp.sessionLimits;
  assert.deepEqual([messageSizeOctets, recipientCount, idleTimeoutSeconds], [
    157_286_400,
    500,
    300,
  ]);
  assert.equal(config.smtp.limits.connectionCount, 2000);
  assert.equal(config.smtp.limits.connectionCountPerAddress, 50);
  assert.equal(config.smtp.shutdownGraceSeconds, 30);
  assert.equal(config.upstream.connectionsPerMailbox, 3);
  assert.deepEqual(config.http, {
    hosts: ["0.0.0.0", "::"],
    ports: [3000],
    certificate: undefined,
  });
  assert.equal(config.automaticCertificate, undefined);
  assert.equal(config.publicUrl, undefined);
  assert.deepEqual(config.trustProxy.ranges, []);
  assert.deepEqual(config.registrationRules, []);
  assert.deepEqual(config.log, { format: "text", level: "info" });
  assert.equal(config.metrics, undefined);
  assert.deepEqual(config.adminEmails, []);
  assert.equal(config.alertWebhookUrl, undefined);
  assert.deepEqual(config.activity, { retentionDays: 30, recipients: "domains" });
});

Deno.test("parseConfig() lets addresses of private networks alone stand for a login, unless told otherwise", () => {
  const ranges = (value?: string) =>
    parse({ SMTP_LOGIN_BY_ADDRESS: value }).smtp.loginNetworks.ranges;
  assert.deepEqual(ranges(), []);
  assert.deepEqual(ranges("192.168.1.0/24, 10.0.0.7,fd00::/8"), [
    "192.168.1.0/24",
    "10.0.0.7/32",
    "fd00::/8",
  ]);
  assert.deepEqual(ranges("Public, 192.0.2.0/24"), ["192.0.2.0/24"]);
  for (const value of ["192.0.2.1", "192.0.0.0/8", "2001:db8::/32"]) {
    assertProblem({ SMTP_LOGIN_BY_ADDRESS: value }, "SMTP_LOGIN_BY_ADDRESS", "add the word public");
  }
  assertProblem({ SMTP_LOGIN_BY_ADDRESS: "printer" }, "SMTP_LOGIN_BY_ADDRESS", "not an address");
});

Deno.test("parseConfig() reports every problem at once", () => {
  const env = {
    SMTP_TLS_PORT: "70000",
    SMTP_KEY_FILE: "key.pem",
    LOG_LEVEL: "loud",
    SMTP_PROT: "25",
    SQLITE_PATH: "data/db.sqlite",
  };
  assert.throws(
    () => parseConfig(env, () => ""),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(
        error.problems.map(({ variable }) => variable).sort(),
        [
          "APP_SECRETS",
          "LOG_LEVEL",
          "SESSION_SECRET",
          "SMTP_CERT_FILE",
          "SMTP_PROT",
          "SMTP_PUBLIC_HOST",
        ]
          .concat("SMTP_TLS_PORT"),
      );
      assert.equal(error.message.split("\n").length, error.problems.length);
      return true;
    },
  );
});

Deno.test("parseConfig() names the variable, the fault and the remedy", () => {
  assert.deepEqual(problems({ LOG_FORMAT: "xml" }), [{
    variable: "LOG_FORMAT",
    message: '"xml" is not allowed.',
    remedy: "Use one of: text, json.",
  }]);
});

Deno.test("parseConfig() reads app registrations in order", () => {
  const config = parse({ APP_SECRETS: '{a:x, "b":"y:,\\""}', DEFAULT_APP_ID: "b" });
  assert.deepEqual(config.registrations.map(({ clientId }) => clientId), ["a", "b"]);
  assert.deepEqual(
    config.registrations.map(({ authentication }) =>
      authentication.kind === "secret" && authentication.secret.reveal()
    ),
    ["x", 'y:,"'],
  );
  assert.equal(config.defaultClientId, "b");
});

Deno.test("parseConfig() rejects unusable app registrations", () => {
  assertProblem({ APP_SECRETS: "" }, "APP_SECRETS", "is required");
  assertProblem({ APP_SECRETS: "{}" }, "APP_SECRETS", "is required");
  assertProblem({ APP_SECRETS: "app" }, "APP_SECRETS", 'expected ":"');
  assertProblem({ APP_SECRETS: "a:x,a:y" }, "APP_SECRETS", "appears twice");
  assertProblem({ DEFAULT_APP_ID: "other" }, "DEFAULT_APP_ID", "is not in APP_SECRETS");
});

Deno.test("parseConfig() reads session secrets, the current one first", () => {
  const old = SESSION_SECRET.toUpperCase();
  const { session } = parse({
    SESSION_SECRET: `["${SESSION_SECRET},", ${old}]`,
    SESSION_COOKIE: "sid",
  });
  assert.deepEqual(session.secrets.map((secret) => secret.reveal()), [`${SESSION_SECRET},`, old]);
  assert.equal(session.cookieName, "sid");
});

Deno.test("K1: parseConfig() rejects short session secrets without showing them", () => {
  const found = problems({ SESSION_SECRET: `${SESSION_SECRET},hunter2` });
  assert.equal(found[0]?.message, "secret 2 of 2 has 7 characters; at least 32 are needed.");
  assert.ok(!JSON.stringify(found).includes("hunter2"));
  assertProblem({ SESSION_SECRET: "[]" }, "SESSION_SECRET", "is required");
  assertProblem({ SESSION_COOKIE: "a b" }, "SESSION_COOKIE", "is not a cookie name");
});

Deno.test("parseConfig() takes lists and ranges of ports", () => {
  const { ports } = parse({ SMTP_PORT: " 25 , 2501-2503,", HTTP_PORT: "80" }).smtp;
  assert.deepEqual(ports.plain, [25, 2501, 2502, 2503]);
});

Deno.test("parseConfig() rejects what is no port", () => {
  for (
    const value of ["0", "65536", "70000", "smtp", "25x", "-1", "10-5", "1.5", "0x19", "25 26"]
  ) {
    const found = problems({ SMTP_PORT: `2525,${value}` });
    assert.deepEqual(found.map(({ variable }) => variable), ["SMTP_PORT"], value);
  }
  assertProblem({ HTTP_PORT: "80,x" }, "HTTP_PORT", "is not a port");
});

Deno.test("parseConfig() wants at least one SMTP port", () => {
  assertProblem({ SMTP_PORT: "," }, "SMTP_TLS_PORT", "there is no SMTP port");
});

Deno.test("parseConfig() rejects a port that is used twice on one address", () => {
  assertProblem({ SMTP_PORT: "25,25" }, "SMTP_PORT", "names port 25 twice");
  assertProblem({ HTTP_PORT: "2525" }, "HTTP_PORT", "already taken by SMTP_PORT");
  assertProblem({ METRICS_PORT: "3000" }, "METRICS_PORT", "already taken by HTTP_PORT");
  assert.deepEqual(
    problems({ SMTP_HOST: "192.0.2.1", HTTP_HOST: "192.0.2.2", HTTP_PORT: "2525" }),
    [],
  );
});

Deno.test("parseConfig() decides where to listen", () => {
  const everywhere = ["0.0.0.0", "::"];
  const local = ["127.0.0.1", "::1"];
  assert.deepEqual(parse({}).smtp.hosts, everywhere);
  assert.deepEqual(parse({ SMTP_HOST: "" }).smtp.hosts, everywhere);
  assert.deepEqual(parse({ SMTP_HOST: "localhost, 127.0.0.1" }).smtp.hosts, local);
  assert.deepEqual(parse({ SMTP_HOST: "[::1],192.0.2.1" }).smtp.hosts, ["::1", "192.0.2.1"]);
  assert.deepEqual(parse({ SMTP_HOST: "192.0.2.1" }).http.hosts, ["192.0.2.1"]);
  assert.deepEqual(parse({ SMTP_HOST: "192.0.2.1", HTTP_HOST: "" }).http.hosts, everywhere);
  assertProblem({ SMTP_HOST: "192.0.2.1:25" }, "SMTP_HOST", "without a port");
});

Deno.test("parseConfig() wants a certificate for ports with TLS", () => {
  for (const name of ["SMTP_TLS_PORT", "SMTP_STARTTLS_PORT", "SMTP_AUTOTLS_PORT"]) {
    const found = problems({ [name]: "4650" });
    assert.deepEqual(found.map(({ variable }) => variable), ["SMTP_KEY_FILE", "SMTP_CERT_FILE"]);
    assert.ok(found.every(({ message }) => message.includes(`${name} is set`)));
  }
});

Deno.test("parseConfig() rejects half pairs and missing files", () => {
  const files = { "key.pem": "" };
  assertProblem({ HTTPS_KEY_FILE: "key.pem" }, "HTTPS_CERT_FILE", "HTTPS_KEY_FILE is set", {
    files,
  });
  const found = problems({ HTTPS_KEY_FILE: "no.pem", HTTPS_CERT_FILE: "nor.pem" });
  assert.deepEqual(found.map(({ variable, message }) => [variable, message]), [
    ["HTTPS_KEY_FILE", 'the file "no.pem" cannot be read: no such file.'],
    ["HTTPS_CERT_FILE", 'the file "nor.pem" cannot be read: no such file.'],
  ]);
});

Deno.test("parseConfig() shows users only ports that can exist", async () => {
  const authority = await CertificateAuthority.create("Test CA");
  const { key, cert } = await authority.issue({ names: ["smtp.example.com"] });
  const files = { "key.pem": key, "cert.pem": cert };
  const shown = (env: Record<string, string>) => {
    const { publicTlsPorts, publicStartTlsPorts } = parse(env, { files }).smtp;
    return [publicTlsPorts, publicStartTlsPorts];
  };
  const own = { SMTP_PORT: "", SMTP_KEY_FILE: "key.pem", SMTP_CERT_FILE: "cert.pem" };
  // Behind a proxy that terminates TLS, as the older proxy had it.
  assert.deepEqual(shown({}), [[465], []]);
  assert.deepEqual(shown({ SMTP_PUBLIC_TLS_PORT: "" }), [[], []]);
  assert.deepEqual(shown({ SMTP_PUBLIC_TLS_PORT: "2465" }), [[2465], []]);
  assert.deepEqual(shown({ SMTP_PUBLIC_STARTTLS_PORT: "587" }), [[465], []]);
  assert.deepEqual(shown({ ...own, SMTP_STARTTLS_PORT: "5587" }), [[], [5587]]);
  assert.deepEqual(
    shown({ ...own, SMTP_STARTTLS_PORT: "5587", SMTP_PUBLIC_TLS_PORT: "465" }),
    [[], [5587]],
  );
  assert.deepEqual(
    shown({ ...own, SMTP_AUTOTLS_PORT: "5587", SMTP_PUBLIC_STARTTLS_PORT: "587" }),
    [[5587], [587]],
  );
});

Deno.test("parseConfig() warns of public ports that nothing is behind", () => {
  const warnings = parse({ SMTP_PUBLIC_STARTTLS_PORT: "587" }).warnings;
  const [warning] = warnings.filter(({ variable }) => variable === "SMTP_PUBLIC_STARTTLS_PORT");
  assert.match(warning?.remedy ?? "", /SMTP_STARTTLS_PORT/);
});

Deno.test("parseConfig() derives a greeting name that EHLO allows", () => {
  const greeting = (env: Record<string, string>) => parse(env).smtp.greetingName;
  assert.equal(greeting({ SMTP_PUBLIC_HOST: "192.0.2.1" }), "[192.0.2.1]");
  assert.equal(greeting({ SMTP_PUBLIC_HOST: "2001:db8::1" }), "[IPv6:2001:db8::1]");
  assert.equal(greeting({ SMTP_GREETING_NAME: "mx.example.com" }), "mx.example.com");
  assert.equal(greeting({ SMTP_GREETING_NAME: "[IPv6:::1]" }), "[IPv6:::1]");
  assertProblem({ SMTP_GREETING_NAME: "my server" }, "SMTP_GREETING_NAME", "neither a host name");
  assertProblem(
    { SMTP_PUBLIC_HOST: "smtp_.example.com:25" },
    "SMTP_PUBLIC_HOST",
    "neither a host name",
  );
});

Deno.test("parseConfig() reads the submission server", () => {
  const target = (env: Record<string, string>) => parse(env).target;
  assert.deepEqual(target({ SMTP_TARGET_HOST: "smtp.example.com" }).host, "smtp.example.com");
  assert.equal(target({ SMTP_TARGET_TLS: "Yes" }).tls, "implicit");
  assert.equal(target({ SMTP_TARGET_PORT: "465" }).tls, "implicit");
  assert.equal(target({ SMTP_TARGET_PORT: "465", SMTP_TARGET_TLS: "false" }).tls, "starttls");
  assertProblem({ SMTP_TARGET_TLS: "perhaps" }, "SMTP_TARGET_TLS", "true or false");
  assertProblem({ SMTP_TARGET_HOST: "smtp://x" }, "SMTP_TARGET_HOST", "neither a host name");
});

Deno.test("parseConfig() reads the tenant and the authority", () => {
  const tenants = [
    "organizations",
    "Common",
    "9188040d-6c67-4c5b-b112-36a304b66dad",
    "example.com",
  ];
  for (const tenant of tenants) {
    assert.equal(parse({ MICROSOFT_TENANT: tenant }).microsoft.tenant, tenant.toLowerCase());
  }
  for (const tenant of ["everyone", "9188040d-6c67", "a/b.com", "https://example.com"]) {
    assertProblem({ MICROSOFT_TENANT: tenant }, "MICROSOFT_TENANT", "is not a tenant");
  }
  const authority = (text: string) => parse({ MICROSOFT_AUTHORITY: text }).microsoft.authority;
  assert.equal(authority("https://login.microsoftonline.us/"), "https://login.microsoftonline.us");
  assert.equal(authority("http://localhost:8080/entra/"), "http://localhost:8080/entra");
  assert.equal(authority("http://[::1]:8080"), "http://[::1]:8080");
  for (
    const text of ["http://example.com", "http://localhost.example.com", "ftp://localhost", "login"]
  ) {
    assertProblem({ MICROSOFT_AUTHORITY: text }, "MICROSOFT_AUTHORITY", "https://");
  }
});

Deno.test("parseConfig() reads the public address", () => {
  assert.equal(parse({ PUBLIC_URL: "https://Example.com/" }).publicUrl, "https://example.com");
  assertProblem({ PUBLIC_URL: "https://example.com/auth" }, "PUBLIC_URL", "Leave /auth out");
  assert.equal(parse({ PUBLIC_URL: "http://mail.lan/smtp/" }).publicUrl, "http://mail.lan/smtp");
  for (
    const text of [
      "example.com",
      "https://u:p@example.com",
      "https://example.com/?a=b",
      "mailto:a@b.c",
    ]
  ) {
    assertProblem({ PUBLIC_URL: text }, "PUBLIC_URL", "https://");
  }
});

Deno.test("parseConfig() reads trusted proxies", () => {
  const { trustProxy } = parse({
    TRUST_PROXY: "loopback, 10.0.0.0/8",
    SMTP_PROXY_PROTOCOL: "required",
  });
  assert.equal(trustProxy.includes("10.1.2.3"), true);
  assert.equal(trustProxy.includes("192.0.2.1"), false);
  assertProblem({ TRUST_PROXY: "10.0.0.0/8,proxy" }, "TRUST_PROXY", '"proxy" is not an address');
  assertProblem({ SMTP_PROXY_PROTOCOL: "optional" }, "SMTP_PROXY_PROTOCOL", "without TRUST_PROXY");
});

Deno.test("parseConfig() reads limits and keeps them in range", () => {
  const config = parse({ SMTP_IDLE_TIMEOUT_S: "600", UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX: "2" });
  assert.equal(config.smtp.sessionLimits.idleTimeoutSeconds, 600);
  assert.equal(config.upstream.connectionsPerMailbox, 2);
  assertProblem({ SMTP_MAX_RECIPIENTS: "99" }, "SMTP_MAX_RECIPIENTS", "from 100 to");
  assertProblem({ SMTP_IDLE_TIMEOUT_S: "5m" }, "SMTP_IDLE_TIMEOUT_S", "(seconds)");
  assertProblem({ SMTP_MAX_MESSAGE_SIZE: "1e9" }, "SMTP_MAX_MESSAGE_SIZE", "(bytes)");
});

Deno.test("parseConfig() reads metrics, administrators and alerts", () => {
  const config = parse({
    METRICS_PORT: "9090",
    METRICS_HOST: "192.0.2.9",
    ADMIN_EMAILS: "Admin@Example.com, second@example.com",
    ALERT_WEBHOOK_URL: "https://alerts.example.com/hook/?token=hunter2",
  });
  assert.deepEqual(config.metrics, { hosts: ["192.0.2.9"], ports: [9090] });
  assert.deepEqual(config.adminEmails, ["admin@example.com", "second@example.com"]);
  assert.equal(config.alertWebhookUrl?.reveal(), "https://alerts.example.com/hook/?token=hunter2");
  assertProblem({ METRICS_HOST: "127.0.0.1" }, "METRICS_HOST", "without METRICS_PORT");
  assertProblem({ METRICS_PORT: "x" }, "METRICS_PORT", "whole number");
  assertProblem({ ADMIN_EMAILS: "admin" }, "ADMIN_EMAILS", "is not an e-mail address");
});

Deno.test("K1: parseConfig() never shows the password in a refused address", () => {
  const found = problems({ PUBLIC_URL: "https://me:hunter2@example.com" });
  assert.deepEqual(found.map(({ message }) => message), [
    "the value contains a user name or password.",
  ]);
});

Deno.test("K1: parseConfig() never shows a refused webhook address", () => {
  const found = problems({ ALERT_WEBHOOK_URL: "ftp://hunter2@alerts.example.com" });
  assert.deepEqual(found.map(({ variable }) => variable), ["ALERT_WEBHOOK_URL"]);
  assert.ok(!JSON.stringify(found).includes("hunter2"));
});

Deno.test("parseConfig() suggests the setting that was probably meant", () => {
  assertProblem(
    { SMTP_STARTLS_PORT: "587" },
    "SMTP_STARTLS_PORT",
    "Did you mean SMTP_STARTTLS_PORT?",
  );
  assertProblem(
    { ALLOWED_EMAIL_LIST: "a@b.c" },
    "ALLOWED_EMAIL_LIST",
    "Did you mean ALLOWED_EMAILS_LIST?",
  );
  assertProblem({ UPSTREAM_SOMETHING_ELSE: "1" }, "UPSTREAM_SOMETHING_ELSE", ".env.example");
});

Deno.test("parseConfig() warns of former settings and says what to do", () => {
  const former = { SMTP_WORKERS: "2", SMTP_MAX_ERRORS: "50", SMTP_PUBLIC_PORT: "587" };
  const warnings = parse(former).warnings.filter(({ variable }) => variable in former);
  assert.deepEqual(
    warnings.map(({ variable, message }) => [variable, message]).sort(),
    Object.keys(former).sort().map((name) => [name, `${name} is no longer a setting.`]),
  );
  for (const { remedy } of warnings) assert.match(remedy, /Remove it|SMTP_PUBLIC_STARTTLS_PORT/);
});

Deno.test("parseConfig() leaves the variables of others alone", () => {
  const foreign = {
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy:3128",
    SMTP_PROXY_SERVICE_HOST: "10.0.0.1",
    SMTP_PROXY_PORT_587_TCP_ADDR: "10.0.0.1",
    SMTP_UNDEFINED: undefined,
  };
  assert.deepEqual(problems(foreign), []);
});

Deno.test("parseConfig() orders the account filters", () => {
  const env = {
    ALLOWED_DOMAINS_REGEX: "example\\.(com|net)",
    ALLOWED_EMAILS_LIST: "One@example.org, two@example.org",
    DISALLOWED_EMAILS_LIST_FILE: "bad.txt",
  };
  const files = { "bad.txt": "Spam@example.com\r\n\r\n" };
  const rules = parse(env, { files }).registrationRules;
  assert.deepEqual(rules, [
    {
      variable: "DISALLOWED_EMAILS_LIST_FILE",
      kind: "disallow",
      subject: "email",
      form: "list-file",
      file: "bad.txt",
    },
    {
      variable: "ALLOWED_EMAILS_LIST",
      kind: "allow",
      subject: "email",
      form: "list",
      list: ["one@example.org", "two@example.org"],
    },
    {
      variable: "ALLOWED_DOMAINS_REGEX",
      kind: "allow",
      subject: "domain",
      form: "regex",
      regex: /^(?:example\.(com|net))$/i,
    },
  ]);
  const ordered = {
    ...env,
    RULES_ORDER: "ALLOWED_DOMAINS_REGEX, ALLOWED_EMAILS_LIST, ALLOWED_EMAILS_REGEX",
  };
  assert.deepEqual(
    parse(ordered, { files }).registrationRules.map(({ variable }) => variable),
    ["ALLOWED_DOMAINS_REGEX", "ALLOWED_EMAILS_LIST"],
  );
});

Deno.test("parseConfig() keeps an empty list of allowed accounts: it admits nobody", () => {
  const [rule] = parse({ ALLOWED_EMAILS_LIST: "" }).registrationRules;
  assert.ok(rule?.form === "list");
  assert.deepEqual(rule.list, []);
});

Deno.test("parseConfig() rejects unusable account filters", () => {
  const files = { "patterns.txt": "good\nb[d" };
  assertProblem(
    { ALLOWED_EMAILS_REGEX: "(" },
    "ALLOWED_EMAILS_REGEX",
    "is not a regular expression",
  );
  assertProblem(
    { ALLOWED_EMAILS_REGEX: "a)|(b" },
    "ALLOWED_EMAILS_REGEX",
    "is not a regular expression",
  );
  assertProblem({ ALLOWED_EMAILS_REGEX_FILE: "patterns.txt" }, "ALLOWED_EMAILS_REGEX_FILE", "b[d", {
    files,
  });
  assertProblem(
    { ALLOWED_EMAILS_LIST_FILE: "no.txt" },
    "ALLOWED_EMAILS_LIST_FILE",
    "cannot be read",
  );
  assertProblem({ ALLOWED_EMAILS_LIST_FILE: "" }, "ALLOWED_EMAILS_LIST_FILE", "is empty");
  assertProblem({ ALLOWED_EMAILS_LIST: "example.com" }, "ALLOWED_EMAILS_LIST", "name@example.com");
  assertProblem({ ALLOWED_DOMAINS_LIST: "@example.com" }, "ALLOWED_DOMAINS_LIST", "without @");
  assertProblem(
    { RULES_ORDER: "ALLOWED_EMAIL_LIST" },
    "RULES_ORDER",
    "Did you mean ALLOWED_EMAILS_LIST?",
  );
});

Deno.test("parseConfig() takes a mail address or a page as the operator's contact", () => {
  const contact = (SITE_CONTACT: string) => parse({ SITE_CONTACT }).siteContact;
  assert.deepEqual(contact("help@example.com"), {
    text: "help@example.com",
    href: "mailto:help@example.com",
  });
  assert.equal(contact("https://example.com/help?a=b")?.href, "https://example.com/help?a=b");
  assert.equal(contact(""), undefined);
  assertProblem({ SITE_CONTACT: "javascript:alert(1)" }, "SITE_CONTACT", "https://");
  assertProblem({ WEBMAIL_URL: "javascript:{address}" }, "WEBMAIL_URL", "https://");
  assert.equal(parse({ WEBMAIL_URL: "https://a/{address}" }).webmailUrl, "https://a/{address}");
});

Deno.test("parseConfig() names the host that was meant, and quotes that Docker leaves", () => {
  const remedyFor = (env: Record<string, string>) => problems(env)[0]?.remedy;
  assert.equal(
    remedyFor({ SMTP_PUBLIC_HOST: "https://mail.example.com" }),
    "Write it as mail.example.com",
  );
  for (const quoted of ['"mail.example.com"', "'mail.example.com'"]) {
    const remedy = remedyFor({ SMTP_PUBLIC_HOST: quoted });
    assert.match(remedy ?? "", /^Leave out the quotes.* Docker .* Write it as mail\.example\.com$/);
  }
  assert.match(remedyFor({ APP_SECRETS: '"id:secret"' }) ?? "", /^Leave out the quotes/);
});

Deno.test("parseConfig() warns of a name that is nearly a setting, though it may be another program's", () => {
  const { warnings } = parse({
    ...{ ALOWED_EMAILS_LIST: "a@b.example", smtp_port: "25", PUBLICURL: "x", ADMIN_EMAIL: "x" },
    ...{ HTTP_PROXY: "x", https_proxy: "x", PATH: "x", HOSTNAME: "x", LANG: "C", USER: "x" },
  });
  const meant = warnings.flatMap(({ variable, remedy }) =>
    remedy.startsWith("Did you mean") ? [[variable, remedy.split(/[ ?]/)[3]]] : []
  );
  assert.deepEqual(meant, [
    ["ALOWED_EMAILS_LIST", "ALLOWED_EMAILS_LIST"],
    ["smtp_port", "SMTP_PORT"],
    ["PUBLICURL", "PUBLIC_URL"],
    ["ADMIN_EMAIL", "ADMIN_EMAILS"],
  ]);
});
