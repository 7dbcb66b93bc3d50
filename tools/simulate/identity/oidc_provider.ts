/**
 * npm's oidc-provider, loaded without its warning that it does not support Deno, which would only worry people. The tests beside
 * this file cover what the simulation uses of it.
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
