/**
 * npm's oidc-provider, loaded without its warning that Deno is none of the runtimes it supports: it would only worry who
 * starts the simulation for the first time. The tests beside this file cover what the simulation uses of it.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type * as OidcProvider from "oidc-provider";

const { warn } = console;
console.warn = () => {};
const module: typeof OidcProvider = await import("oidc-provider");
console.warn = warn;

export const { default: Provider, errors, interactionPolicy } = module;
