/**
 * An application that uses the simulated identity service, for tests.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type FetchedPage, ScriptedBrowser } from "../browser.ts";
import { DEMO_APPLICATION, type IdentityProvider } from "../identity_provider.ts";
import { APPLICATION_SCOPE, SMTP_SCOPE } from "./scope.ts";

export const SCOPE = `openid profile email offline_access ${SMTP_SCOPE}`;
export const REDIRECT_URI = "http://localhost:3000/auth/callback";
export const STATE = "the-state";

const INSECURE = { [oauth.allowInsecureRequests]: true };

/** How far a sign-in has come: the browser is at the application, or on a page of Microsoft's. */
interface Attempt {
  readonly server: oauth.AuthorizationServer;
  readonly verifier: string;
  readonly nonce: string;
  readonly page: FetchedPage;
  readonly callback: URL;
}

/** How a sign-in is done. */
interface SignInOptions {
  readonly tenant?: string;
  /** Parameters that are added to the request. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly browser?: ScriptedBrowser;
}

/** An application. */
export class TestClient {
  readonly client: oauth.Client;

  /** @param auth How it proves itself. */
  constructor(
    readonly idp: IdentityProvider,
    clientId = DEMO_APPLICATION.id,
    readonly auth = oauth.ClientSecretPost(DEMO_APPLICATION.secret),
  ) {
    this.client = { client_id: clientId };
  }

  /** Fetches the discovery document of a tenant. */
  async discover(tenant = "common"): Promise<oauth.AuthorizationServer> {
    const { authority } = this.idp;
    const response = await fetch(`${authority}/${tenant}/v2.0/.well-known/openid-configuration`);
    return await response.json();
  }

  /** Goes through the sign-in pages up to the redirect to the application. */
  async begin(
    choice: Record<string, string>,
    { tenant = "common", extra = {}, browser = new ScriptedBrowser(REDIRECT_URI) }: SignInOptions =
      {},
  ): Promise<Attempt> {
    const server = await this.discover(tenant);
    const verifier = oauth.generateRandomCodeVerifier();
    const nonce = oauth.generateRandomNonce();
    const url = new URL(server.authorization_endpoint!);
    url.search = new URLSearchParams({
      client_id: this.client.client_id,
      response_type: "code",
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      state: STATE,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...extra,
    }).toString();
    const first = await browser.get(url);
    const isOver = first.url.startsWith(REDIRECT_URI) || first.status !== 200;
    const page = isOver ? first : await browser.post(first.url, choice);
    return { server, verifier, nonce, page, callback: new URL(page.url) };
  }

  /** Redeems the code of a sign-in. @returns the response, as it is. */
  async redeem({ server, verifier, callback }: Attempt): Promise<Response> {
    const parameters = oauth.validateAuthResponse(
      { ...server, issuer: "https://any.example" },
      this.client,
      callback,
      STATE,
    );
    return await oauth.authorizationCodeGrantRequest(
      server,
      this.client,
      this.auth,
      parameters,
      REDIRECT_URI,
      verifier,
      INSECURE,
    );
  }

  /** Signs in. @returns the tokens, the id_token verified. */
  async signIn(address: string, options?: SignInOptions): Promise<oauth.TokenEndpointResponse> {
    const attempt = await this.begin({ address }, options);
    const response = await this.redeem(attempt);
    const { iss } = claimsIn((await response.clone().json()).id_token);
    const server = { ...attempt.server, issuer: String(iss) };
    return await oauth.processAuthorizationCodeResponse(server, this.client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
  }

  /** Uses a refresh token. */
  async refresh(refreshToken: string, tenant = "common"): Promise<Response> {
    const server = await this.discover(tenant);
    return await oauth.refreshTokenGrantRequest(server, this.client, this.auth, refreshToken, {
      ...INSECURE,
      additionalParameters: { scope: SCOPE },
    });
  }

  /** Asks for a token of its own (RFC 6749 section 4.4). */
  async applicationToken(tenant: string, scope = APPLICATION_SCOPE): Promise<Response> {
    const server = await this.discover(tenant);
    return await oauth.clientCredentialsGrantRequest(
      server,
      this.client,
      this.auth,
      { scope },
      INSECURE,
    );
  }
}

/** The claims of a token whose signature does not matter. */
function claimsIn(token: string): Record<string, unknown> {
  const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(
    new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))),
  );
}

/** Microsoft's number in a refused response; its HTTP status comes along. */
export async function refusalOf(
  response: Response,
): Promise<readonly [status: number, code: number]> {
  const { error_codes } = await response.json();
  return [response.status, error_codes?.[0]];
}
