/**
 * Several replicas of the program on one PostgreSQL database: what they share, and how they notice that one of them has died.
 *
 * Each replica writes a heartbeat to the database once a second. Its leases of tokens and its slots of mailboxes are valid as
 * long as its heartbeat is recent. Polling alone is enough; notifications only make it faster. With a SQLite database nothing of
 * this exists.
 *
 * @module
 */
export { type ReplicaInfo, Replicas } from "./replicas.ts";
export { checkSecretMark } from "./secret_mark.ts";
