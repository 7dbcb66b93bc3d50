/**
 * Several replicas of the program on one PostgreSQL: what they share, and how they notice that one of them is gone.
 *
 * Each replica writes a sign of life once a second, the pulse. It makes its leases of tokens and its slots of mailboxes valid.
 * Polling is the truth, notifications only make it faster. With a database in a file nothing of this exists.
 *
 * @module
 */
export { type ReplicaInfo, Replicas } from "./replicas.ts";
export { checkSecretMark } from "./secret_mark.ts";
