/**
 * Errors of the identity service about the app registration, or about the service itself. Data only.
 *
 * @module
 */
import type { SignInErrorGroup } from "./explanation.ts";
import { PRESS_AGAIN, PROXY_RETRIES } from "./remedies.ts";

export const SERVICE_ERRORS: readonly SignInErrorGroup[] = [
  {
    outcome: "registration",
    fixer: "operator",
    remedy:
      "Add the redirect URI that the proxy prints at its start to the app registration, under Authentication, platform Web.",
    errors: {
      50011:
        "The redirect URI is not registered. The address that the browser should come back to has to be registered exactly as it is.",
      900971:
        "The app registration has no redirect URI. No address is registered that the browser could come back to.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy: "Set MICROSOFT_TENANT to the tenant's ID, or make the app registration multi-tenant.",
    errors: {
      50194:
        "The app registration serves one tenant only. MICROSOFT_TENANT allows several tenants, but the app registration is single-tenant.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy: "Add the delegated permission SMTP.Send under API permissions.",
    kinds: {
      mailbox: {
        cause: "It lacks the permission that app-only mailboxes need.",
        remedy:
          "Add the application permission SMTP.SendAsApp of Office 365 Exchange Online under API permissions, and grant admin consent.",
      },
    },
    errors: {
      "70011 invalid_scope":
        "The permission to send mail is not known. The app registration does not know the scope https://outlook.office.com/SMTP.Send, or the cloud has another name for it.",
      650053:
        "The permission to send mail is not known. The app registration asks for a permission that the service does not have.",
      "65005 650056 650057":
        "The app registration is incomplete. The permission SMTP.Send is not listed in the app registration.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy: "Set MICROSOFT_TENANT to consumers, organizations, common, or the tenant's ID.",
    errors: {
      90002: "The tenant was not found. MICROSOFT_TENANT names a tenant that does not exist.",
      900023: "The tenant's name is not valid. MICROSOFT_TENANT is neither a domain nor an ID.",
      "50059 50128 90019":
        "The tenant is not known. Neither MICROSOFT_TENANT nor the account tells Microsoft which tenant is meant.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    adminConsent: true,
    remedy:
      "Compare the application (client) ID in the Microsoft Entra admin center with APP_SECRETS, and check MICROSOFT_TENANT. If only one organisation is affected, its administrator has to consent to the app.",
    kinds: {
      personal: {
        cause:
          "The application ID in APP_SECRETS does not exist: it is wrong, or the registration was deleted.",
        remedy:
          "Compare the application (client) ID in the Microsoft Entra admin center with APP_SECRETS, and check MICROSOFT_TENANT.",
      },
    },
    errors: {
      "700016 700011":
        "The app registration was not found. The application ID in APP_SECRETS does not exist in this tenant: it is wrong, the registration was deleted, or nobody in the organisation has consented to it.",
    },
  },
  {
    outcome: "registration",
    fixer: "tenant-admin",
    adminConsent: true,
    remedy:
      "Ask the administrator to grant admin consent to the app registration, then sign in again.",
    kinds: {
      mailbox: {
        remedy:
          "An administrator grants admin consent to the app registration (application permission SMTP.SendAsApp).",
      },
    },
    errors: {
      7000229:
        "The app is not in the organisation. The organisation has no enterprise application (service principal) for the app registration.",
    },
  },
  {
    outcome: "registration",
    fixer: "tenant-admin",
    remedy: "Ask the administrator about the organisation's subscription to Exchange Online.",
    errors: {
      500011:
        "The organisation has no Exchange Online. The service that the proxy sends through was not found in the organisation.",
    },
  },
  {
    outcome: "registration",
    reach: "registration",
    fixer: "operator",
    remedy: "Register the redirect URI under the platform Web.",
    errors: {
      700025:
        "The app registration is a public client. The redirect URI is registered for a mobile or desktop application, which must not send a secret.",
    },
  },
  {
    outcome: "refused",
    fixer: "operator",
    remedy:
      "Report it to the proxy's developers, with the line of the log. If something between the proxy and Microsoft changes requests, stop that.",
    errors: {
      900144:
        "Microsoft missed something in the proxy's request. A parameter was not sent, which is a fault of the proxy.",
      "70003 1002012":
        "Microsoft does not understand the proxy's request. The proxy asked in a way that Microsoft does not offer, which is a fault of the proxy.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy: "Enable it in the Microsoft Entra admin center, or use another one in APP_SECRETS.",
    kinds: {
      personal: { cause: "Somebody, or Microsoft, has disabled the app registration." },
    },
    errors: {
      "7000112 70001":
        "The app registration is disabled. Somebody, or Microsoft, has disabled the app registration, perhaps only in one organisation.",
    },
  },
  {
    outcome: "registration",
    reach: "registration",
    fixer: "operator",
    remedy:
      "In the Microsoft Entra admin center, open the app registration, then Certificates & secrets, create a new client secret, put its value (not its ID) into APP_SECRETS, and restart the proxy.",
    errors: {
      "7000215 70002":
        "The client secret is wrong. Microsoft does not accept the client secret. Often the secret's ID was pasted instead of its value.",
      7000218:
        "The client secret is missing. The app registration requires a client secret, and none was sent.",
      7000222: "The client secret has expired. A client secret is valid for 24 months at most.",
      invalid_client:
        "The app registration was refused. Microsoft does not accept the application ID or its client secret.",
    },
  },
  {
    outcome: "registration",
    reach: "registration",
    fixer: "operator",
    remedy:
      "In the Microsoft Entra admin center, open the app registration, then Certificates & secrets, and upload the certificate that the proxy signs with.",
    errors: {
      "50027 700021 700023":
        "The proof of the app registration is not accepted. Microsoft found the proxy's signed proof damaged, or made for another registration or endpoint.",
      700027:
        "The certificate of the app registration is not accepted. The proxy's signature fits no certificate of the app registration, or the certificate has expired.",
    },
  },
  {
    outcome: "registration",
    reach: "registration",
    fixer: "operator",
    remedy:
      "Check the clock of the proxy's machine. If the registration has a token file (APP_TOKEN_FILES), check that its token is renewed.",
    errors: {
      700024:
        "The proof of the app registration is not valid at this time. The times in the proxy's signature, or in the token of the file, do not fit Microsoft's clock.",
    },
  },
  {
    outcome: "registration",
    reach: "registration",
    fixer: "operator",
    remedy:
      "In the Microsoft Entra admin center, open the app registration, then Certificates & secrets, Federated credentials, and compare issuer, subject and audience with the token in the file (APP_TOKEN_FILES).",
    errors: {
      "700211 700212 700213":
        "The token in the file is not trusted. No federated credential of the app registration fits its issuer, subject and audience.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy:
      "Set MICROSOFT_TENANT to consumers, or change the supported account types of the app registration.",
    errors: {
      "9002331 9002346":
        "The app registration serves personal accounts only. MICROSOFT_TENANT allows work accounts, but the app registration does not.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy:
      "Set MICROSOFT_TENANT to organizations, or change the supported account types of the app registration.",
    errors: {
      9002332:
        "The app registration serves work accounts only. MICROSOFT_TENANT is consumers, but the app registration does not accept personal accounts.",
    },
  },
  {
    outcome: "registration",
    fixer: "operator",
    remedy:
      "Check the application ID in APP_SECRETS, MICROSOFT_TENANT, and the supported account types of the app registration.",
    errors: {
      unauthorized_client:
        "The app registration may not do this. The app registration does not exist in this tenant, or does not support this kind of sign-in.",
    },
  },
  {
    outcome: "temporary",
    fixer: "nobody",
    remedy: PROXY_RETRIES,
    atSignIn: PRESS_AGAIN,
    errors: {
      "90006 90090":
        "Microsoft's service has trouble. A part of Microsoft's service did not answer.",
      90012: "Microsoft's service took too long. The request timed out at Microsoft.",
      "50033 70012 90024 90033 server_error":
        "Microsoft's service has trouble. A temporary error at Microsoft.",
      "90055 temporarily_unavailable":
        "Microsoft's service is busy. Microsoft asks the proxy to try again later.",
    },
  },
  {
    outcome: "temporary",
    reach: "account",
    fixer: "nobody",
    remedy: PROXY_RETRIES,
    atSignIn: PRESS_AGAIN,
    errors: {
      50196:
        "Microsoft saw too many equal requests. The same request was repeated too often in a short time.",
    },
  },
];
