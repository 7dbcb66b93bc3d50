import type { Arrival, Endpoint } from "../transport.ts";
import type { FrontDoor } from "./front_door.ts";

/** What a listener is given, whatever its sockets. */
export interface ListenerOptions {
  readonly frontDoor: FrontDoor;
  readonly onArrival: (arrival: Arrival) => void;
  /** Told when accepting fails; again only after it has worked in between. */
  readonly onFailure: (endpoint: Endpoint, cause: unknown) => void;
}
