/**
 * A web server, to be run with few file descriptors. Prints its address.
 *
 * @module
 */
import { fastClock } from "../../../smtp/testing/real_time.ts";
import { HttpServer } from "../http_server.ts";

// As the program does. Deno would do so later, and panic without descriptors.
Deno.addSignalListener("SIGHUP", () => {});

const { addresses } = await HttpServer.open({
  hosts: ["127.0.0.1"],
  ports: [0],
  handler: () => new Response("hello"),
  clock: fastClock(100),
});
console.log(addresses[0]);
