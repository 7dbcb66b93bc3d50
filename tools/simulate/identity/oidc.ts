/**
 * Sets oidc-provider up to behave as Microsoft's identity service does.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type ProviderType from "oidc-provider";
// @ts-types="@types/oidc-provider"
import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { type Directory, isSame, signInNamesOf } from "../directory.ts";
import type { Person } from "../people.ts";
import type { Troubles } from "../troubles/troubles.ts";
import { type Application, type Applications, mayRedirectTo } from "./applications.ts";
import { errorBody, errorParameters, translateError } from "../troubles/microsoft_errors.ts";
import { errors, interactionPolicy, Provider } from "./oidc_provider.ts";
import { SMTP_SCOPE } from "./scope.ts";
import { formPage, messagePage } from "./sign_in_page.tsx";
import type { TokenStore } from "./token_store.ts";

const SCOPES = ["openid", "profile", "email", "offline_access", SMTP_SCOPE];
const DAY_S = 24 * 60 * 60;
const REFRESH_TOKEN_LIFETIME_S = 90 * DAY_S;

/** Settings of the provider. */
interface ProviderSettings {
  /** Base address, without a slash at the end. */
  readonly authority: string;
  readonly applications: Applications;
  readonly directory: Directory;
  readonly troubles: Troubles;
  readonly store: TokenStore;
  /** The secret of every client: who a client is, is found out before. */
  readonly internalSecret: string;
  /** Where a person signs in; the interaction's id is added. */
  readonly signInPath: string;
  /** Called after an authorization code was redeemed. */
  readonly onSignIn: (person: Person) => void;
}

type Context = KoaContextWithOIDC;

/** Makes the provider; its paths lack the tenant, which the caller takes off. */
export async function createProvider(settings: ProviderSettings): Promise<ProviderType> {
  const provider = new Provider(settings.authority, await configuration(settings));
  // The issuer is the tenant of the person whose token is made, not a property of the provider.
  Object.defineProperty(provider, "issuer", {
    get: () => issuerOfCurrentRequest(settings) ?? settings.authority,
  });
  allowRedirects(provider, settings.applications);
  provider.on("grant.error", (ctx, error) => {
    const code = translateError(error.message, error.error_detail ?? "");
    if (code) ctx.body = errorBody(code);
  });
  provider.on("grant.success", (ctx) => noteSignIn(settings, ctx));
  provider.on("authorization.accepted", (ctx) => refuseSilently(settings, ctx));
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

function allowRedirects(provider: ProviderType, applications: Applications): void {
  const { prototype } = provider.Client;
  const isAllowed = function (this: { clientId: string }, uri: string): boolean {
    return mayRedirectTo(applications.get(this.clientId)!, uri);
  };
  prototype.redirectUriAllowed = isAllowed;
  prototype.postLogoutRedirectUriAllowed = isAllowed;
}

/** A new sign-in heals what has killed the former one's tokens. */
function noteSignIn({ directory, troubles, onSignIn }: ProviderSettings, ctx: Context): void {
  const person = directory.personWithId(ctx.oidc.entities.Account?.accountId ?? "");
  const { grant_type: grantType, client_id: applicationId } = ctx.oidc.params ?? {};
  if (!person || grantType === "refresh_token") return;
  const { objectId, tenantId } = person;
  troubles.heal("sign-in", { objectId, tenantId, applicationId: String(applicationId) });
  if (grantType === "authorization_code") onSignIn(person);
}

/**
 * Lets a trouble show where the browser's session has made the sign-in page unnecessary. Whatever a listener throws, the
 * provider sends to the application.
 */
function refuseSilently({ directory, troubles }: ProviderSettings, ctx: Context): void {
  if (ctx.oidc.result) return;
  const person = directory.personWithId(ctx.oidc.session?.accountId ?? "");
  const applicationId = ctx.oidc.client?.clientId;
  const subject = { objectId: person?.objectId, tenantId: person?.tenantId, applicationId };
  const fault = troubles.meet("authorization", subject)?.trouble.fault;
  if (fault?.kind !== "error") return;
  const { error, error_description } = errorParameters(fault.code);
  throw new errors.CustomOIDCProviderError(error, error_description);
}

async function configuration(settings: ProviderSettings): Promise<Configuration> {
  return {
    adapter: settings.store.adapter,
    clients: settings.applications.list.map((one) => clientMetadata(one, settings.internalSecret)),
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
    findAccount: (ctx, objectId) => {
      const application = settings.applications.get(ctx.oidc.client?.clientId ?? "");
      return account(settings.directory.personWithId(objectId), application);
    },
    loadExistingGrant: consentToEverything,
    issueRefreshToken: (_ctx, { clientId }) =>
      !settings.applications.get(clientId)?.omits.includes("refresh_token"),
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
      policy: promptPolicy(settings.directory),
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
      const code = translateError(out.error, out.error_description ?? "");
      const { error_description: text = out.error } = code ? errorBody(code) : out;
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

function clientMetadata({ id }: Application, internalSecret: string) {
  return {
    client_id: id,
    client_secret: internalSecret,
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

function promptPolicy(directory: Directory) {
  const policy = interactionPolicy.base();
  policy.get("login")!.checks.add(
    new interactionPolicy.Check(
      "login_hint",
      "login_hint names somebody else",
      "login_required",
      ({ oidc }) => isSomebodyElse(directory, oidc.session?.accountId, oidc.params?.login_hint),
    ),
  );
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  return policy;
}

/** Returns true if a hint names somebody other than the owner of the session: Microsoft takes sign-in names only. */
function isSomebodyElse(directory: Directory, objectId: string | undefined, hint: unknown) {
  const person = directory.personWithId(objectId ?? "");
  if (!person || typeof hint !== "string" || hint === "") return false;
  return !signInNamesOf(person).some((name) => isSame(name, hint));
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

function account(person: Person | undefined, application: Application | undefined) {
  return person && {
    accountId: person.objectId,
    claims: () => {
      const claims = {
        sub: person.objectId,
        tid: person.tenantId,
        oid: person.objectId,
        ver: "2.0",
        name: person.name,
        preferred_username: person.signInName,
        email: person.address,
      };
      const omitted: readonly string[] = application?.omits ?? [];
      const left = Object.entries(claims).filter(([name]) => !omitted.includes(name));
      return Object.fromEntries(left) as typeof claims;
    },
  };
}

function issuerOfCurrentRequest({ authority, directory }: ProviderSettings): string | undefined {
  const objectId = Provider.ctx?.oidc.entities.Account?.accountId;
  const person = objectId === undefined ? undefined : directory.personWithId(objectId);
  return person && `${authority}/${person.tenantId}/v2.0`;
}

/** Microsoft sends no `iss` (RFC 9207), but a `session_state`, and its own error texts. */
function asMicrosoftRedirects(location: string): string {
  const url = new URL(location);
  const { searchParams } = url;
  searchParams.delete("iss");
  if (searchParams.has("code")) searchParams.set("session_state", crypto.randomUUID());
  const [error, description] = [searchParams.get("error"), searchParams.get("error_description")];
  if (error === null) return url.href;
  if (description === "cancelled") searchParams.set("error_subcode", "cancel");
  const code = description?.startsWith("AADSTS")
    ? undefined
    : translateError(error, description ?? "");
  for (const [name, value] of code ? Object.entries(errorParameters(code)) : []) {
    searchParams.set(name, value);
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
