/**
 * Sets oidc-provider up to behave as Microsoft's identity service does.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type ProviderType from "oidc-provider";
// @ts-types="@types/oidc-provider"
import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { translateError } from "./microsoft_errors.ts";
import { interactionPolicy, Provider } from "./oidc_provider.ts";
import type { Person } from "./people.ts";
import { SMTP_SCOPE } from "./scope.ts";
import { formPage, messagePage } from "./sign_in_page.tsx";
import type { TokenStore } from "./token_store.ts";

const SCOPES = ["openid", "profile", "email", "offline_access", SMTP_SCOPE];
const DAY_S = 24 * 60 * 60;
const REFRESH_TOKEN_LIFETIME_S = 90 * DAY_S;

/** An app registration. */
export interface Application {
  readonly id: string;
  readonly secret: string;
}

/** What the provider needs to know. */
export interface ProviderSettings {
  /** Base address, without a slash at the end. */
  readonly authority: string;
  readonly applications: readonly Application[];
  readonly store: TokenStore;
  /** Finds a person by object id. */
  readonly findPerson: (objectId: string) => Person | undefined;
  /** Where a person signs in; the interaction's id is added. */
  readonly signInPath: string;
  /** Called after an authorization code was redeemed. */
  readonly onSignIn: (person: Person) => void;
}

/** Makes the provider; its paths lack the tenant, which the caller takes off. */
export async function createProvider(settings: ProviderSettings): Promise<ProviderType> {
  const provider = new Provider(settings.authority, await configuration(settings));
  // The issuer is the tenant of the person whose token is made, not a property of the provider.
  Object.defineProperty(provider, "issuer", {
    get: () => issuerOfCurrentRequest(settings) ?? settings.authority,
  });
  provider.Client.prototype.redirectUriAllowed = isLocal;
  provider.Client.prototype.postLogoutRedirectUriAllowed = isLocal;
  provider.on("grant.error", (ctx, error) => {
    ctx.body = translateError(error.message, error.error_detail ?? "") ?? ctx.body;
  });
  provider.on("grant.success", (ctx) => {
    const person = settings.findPerson(ctx.oidc.entities.Account?.accountId ?? "");
    if (person && ctx.oidc.params?.grant_type === "authorization_code") settings.onSignIn(person);
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === "device_authorization" && ctx.status === 200) {
      Object.assign(ctx.body as object, { interval: settings.store.deviceCodeIntervalS });
    }
    const location = ctx.response.get("location");
    if (URL.canParse(location)) ctx.set("location", asMicrosoftRedirects(location));
  });
  return provider;
}

async function configuration(settings: ProviderSettings): Promise<Configuration> {
  return {
    adapter: settings.store.adapter,
    clients: settings.applications.map(clientMetadata),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: [crypto.randomUUID()] },
    scopes: SCOPES,
    claims: {
      openid: ["sub", "tid", "ver"],
      profile: ["name", "preferred_username", "oid"],
      email: ["email"],
    },
    conformIdTokenClaims: false,
    extraParams: ["tenant"],
    findAccount: (_ctx, objectId) => account(settings.findPerson(objectId)),
    loadExistingGrant: consentToEverything,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    responseTypes: ["code"],
    routes: {
      authorization: "/oauth2/v2.0/authorize",
      token: "/oauth2/v2.0/token",
      device_authorization: "/oauth2/v2.0/devicecode",
      end_session: "/oauth2/v2.0/logout",
      jwks: "/discovery/v2.0/keys",
      code_verification: "/devicelogin",
    },
    interactions: {
      policy: promptPolicy(),
      url: (_ctx, interaction) => `${settings.signInPath}${interaction.uid}`,
    },
    ttl: {
      AccessToken: () => settings.store.accessTokenLifetimeS,
      AuthorizationCode: 600,
      DeviceCode: 900,
      Grant: REFRESH_TOKEN_LIFETIME_S,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: REFRESH_TOKEN_LIFETIME_S,
      Session: DAY_S,
    },
    renderError: (ctx, out) => {
      const { error_description: text = out.error } =
        translateError(out.error, out.error_description ?? "") ?? out;
      ctx.type = "html";
      ctx.body = messagePage("Sign-in failed", text);
    },
    features: features(),
  };
}

function features(): Configuration["features"] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    userinfo: { enabled: false },
    deviceFlow: {
      enabled: true,
      charset: "base-20",
      mask: "*********",
      userCodeInputSource: (ctx, form) => {
        ctx.body = formPage(
          "Enter code",
          "The code that the device shows:",
          form,
          "op.deviceInputForm",
        );
      },
      userCodeConfirmSource: (ctx, form, _client, _device, userCode) => {
        ctx.body = formPage(
          "Confirm code",
          `Is ${userCode} the code?`,
          form,
          "op.deviceConfirmForm",
        );
      },
      successSource: (ctx) => {
        ctx.body = messagePage("Signed in", "You can close this page.");
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = formPage("Sign out", "Sign out of the simulation?", form, "op.logoutForm");
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = messagePage("Signed out", "You can close this page.");
      },
    },
  };
}

function clientMetadata({ id, secret }: Application) {
  return {
    client_id: id,
    client_secret: secret,
    redirect_uris: ["http://localhost"],
    grant_types: [
      "authorization_code",
      "refresh_token",
      "urn:ietf:params:oauth:grant-type:device_code",
    ],
    response_types: ["code" as const],
    token_endpoint_auth_method: "client_secret_post" as const,
  };
}

function promptPolicy() {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  return policy;
}

/** Everyone consents to everything: consent is none of the things this simulates. */
async function consentToEverything(ctx: KoaContextWithOIDC) {
  const grant = new ctx.oidc.provider.Grant({
    clientId: ctx.oidc.client!.clientId,
    accountId: ctx.oidc.session!.accountId!,
  });
  grant.addOIDCScope(SCOPES.join(" "));
  await grant.save();
  return grant;
}

function account(person: Person | undefined) {
  return person && {
    accountId: person.objectId,
    claims: () => ({
      sub: person.objectId,
      tid: person.tenantId,
      oid: person.objectId,
      ver: "2.0",
      name: person.name,
      preferred_username: person.address,
      email: person.address,
    }),
  };
}

function issuerOfCurrentRequest({ authority, findPerson }: ProviderSettings): string | undefined {
  const objectId = Provider.ctx?.oidc.entities.Account?.accountId;
  const person = objectId === undefined ? undefined : findPerson(objectId);
  return person && `${authority}/${person.tenantId}/v2.0`;
}

/** Stands for the redirect URIs of a registration. Microsoft, too, ignores the port of localhost (RFC 8252 section 7.3). */
function isLocal(uri: string): boolean {
  return URL.canParse(uri) && ["localhost", "127.0.0.1", "[::1]"].includes(new URL(uri).hostname);
}

/** Microsoft sends no `iss` (RFC 9207), but a `session_state`, and its own error texts. */
function asMicrosoftRedirects(location: string): string {
  const { searchParams } = new URL(location);
  const url = new URL(location);
  url.searchParams.delete("iss");
  if (searchParams.has("code")) url.searchParams.set("session_state", crypto.randomUUID());
  const error = searchParams.get("error");
  const translated = error && translateError(error, searchParams.get("error_description") ?? "");
  if (translated) {
    url.searchParams.set("error", translated.error);
    url.searchParams.set("error_description", translated.error_description);
  }
  return url.href;
}

let keyOfThisProcess: ReturnType<typeof createSigningKey> | undefined;

/** The key that signs id_tokens. All providers of a process share it, since to make one takes longer than most tests. */
function signingKey() {
  return keyOfThisProcess ??= createSigningKey();
}

async function createSigningKey() {
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const { kty, n, e, d, p, q, dp, dq, qi } = await crypto.subtle.exportKey("jwk", privateKey);
  return { kty, n, e, d, p, q, dp, dq, qi, alg: "RS256", use: "sig", kid: crypto.randomUUID() };
}
