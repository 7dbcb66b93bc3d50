/**
 * A test mail the way a mail client sends it: over the network, through our own SMTP server, with an app password.
 *
 * @module
 */
export { connect, ConnectionError } from "./connection.ts";
export { converse, type TestMailStep } from "./dialogue.ts";
export { type OwnServer, ownServers } from "./own_server.ts";
export { isTestMail, TestMail, type TestMailChoice } from "./test_mail.ts";
