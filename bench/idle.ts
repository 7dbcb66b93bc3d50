/**
 * Clients that log in and then do nothing, as a process of its own. Each line of its standard input is a number: so many more
 * log in, and a line is printed when they have. The end of the input ends them all.
 *
 * @module
 */
import type { SmtpClient } from "../tools/smtp_client.ts";
import { type Credentials, openClient, type ServerAccess } from "./client.ts";
import { TextLineStream } from "./lines.ts";

/** Clients that log in at a time. */
const AT_ONCE = 10;

async function main(port: string, tls: string, peopleFile: string): Promise<void> {
  const people = JSON.parse(Deno.readTextFileSync(peopleFile)) as Credentials[];
  const access: ServerAccess = {
    host: "127.0.0.1",
    port: Number(port),
    tls: tls as ServerAccess["tls"],
    mechanism: "PLAIN",
  };
  const clients: SmtpClient[] = [];
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    const wanted = clients.length + Number(line);
    while (clients.length < wanted) {
      const count = Math.min(AT_ONCE, wanted - clients.length);
      const arriving = Array.from(
        { length: count },
        (_, index) => openClient(access, people[index % people.length]!),
      );
      clients.push(...await Promise.all(arriving));
    }
    console.log(clients.length);
  }
}

if (import.meta.main) {
  const [port, tls, peopleFile] = Deno.args;
  if (port === undefined || tls === undefined || peopleFile === undefined) {
    console.error("Usage: idle.ts PORT none|implicit|starttls PEOPLE_FILE");
    Deno.exit(64);
  }
  await main(port, tls, peopleFile);
  Deno.exit(0);
}
