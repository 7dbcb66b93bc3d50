/**
 * Errors of the identity service about one account: its owner, or the organisation behind it, can help. Data only.
 *
 * @module
 */
import type { SignInErrorGroup } from "./explanation.ts";

export const ACCOUNT_ERRORS: readonly SignInErrorGroup[] = [
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy:
      "Sign in with Microsoft again on the proxy's web page. The app passwords stay as they are.",
    errors: {
      16000: [
        "Microsoft needs you to choose an account",
        "The browser has more than one session at Microsoft, or none.",
      ],
      "50058 login_required": [
        "Nobody is signed in to Microsoft in this browser",
        "A silent sign-in needs a living session at Microsoft.",
      ],
      50074: [
        "Multi-factor authentication is needed",
        "The organisation asks for a second factor.",
      ],
      50076: [
        "Multi-factor authentication is needed",
        "A policy of the organisation changed, or the proxy's network address did.",
      ],
      50078: [
        "Multi-factor authentication has expired",
        "The organisation asks for the second factor again from time to time.",
      ],
      50079: [
        "Multi-factor authentication has to be set up",
        "The organisation asks every account for a second factor.",
      ],
      50089: ["The sign-in took too long", "Microsoft's sign-in page was open for too long."],
      50132: ["The session was ended", "The password was changed, or the session was revoked."],
      50133: ["The session was ended", "The password was changed recently."],
      50173: [
        "The sign-in was revoked",
        "The password was changed or reset, or an administrator ended all sessions.",
      ],
      70008: [
        "The sign-in has expired",
        "The refresh token was not used for too long, or Microsoft ended the session.",
      ],
      70043: [
        "The organisation asks for a new sign-in",
        "A conditional access policy limits how long a sign-in lasts.",
      ],
      700003: [
        "The device of the sign-in is gone",
        "The device that was used to sign in was removed from the organisation.",
      ],
      700082: [
        "The sign-in has expired because it was not used",
        "A refresh token dies after 90 days without use.",
      ],
      invalid_grant: [
        "Microsoft does not accept the sign-in any more",
        "The sign-in has expired or was revoked.",
      ],
      interaction_required: [
        "Microsoft wants to ask something",
        "Microsoft needs an answer that only the account's owner can give.",
      ],
      account_selection_required: [
        "Microsoft needs you to choose an account",
        "The browser has more than one session at Microsoft.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy:
      "Sign in with the other kind of account, or ask the operator of this proxy to allow both: MICROSOFT_TENANT and the supported account types of the app registration have to agree.",
    errors: {
      50020: [
        "This kind of account is not accepted here",
        "The account belongs to another tenant, or is personal where work accounts are expected.",
      ],
      500208: [
        "This kind of account is not accepted here",
        "The address's domain is not valid for the kind of account that is expected.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Sign in with an account that exists.",
    errors: {
      50034: ["The account does not exist", "There is no such account in this organisation."],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Change the password at Microsoft, then sign in again on the proxy's web page.",
    errors: {
      50055: ["The Microsoft password has expired", "The organisation asks for a new password."],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy: "Ask the administrator of your organisation to allow it, then sign in again.",
    errors: {
      50057: ["The account is disabled", "An administrator has disabled this account."],
      53000: [
        "The organisation allows only managed devices",
        "A conditional access policy asks for a compliant device, which a mail proxy cannot be.",
      ],
      53001: [
        "The organisation allows only joined devices",
        "A conditional access policy asks for a device joined to the domain, which a mail proxy cannot be.",
      ],
      53003: [
        "Blocked by conditional access",
        "A conditional access policy of the organisation does not let this app or the proxy's network address in.",
      ],
      53011: [
        "The account is blocked because of risk",
        "Microsoft's identity protection found this account at risk.",
      ],
      500341: [
        "The account was deleted",
        "The account was removed from its organisation's directory.",
      ],
      650052: [
        "The organisation has no Exchange Online",
        "The organisation does not subscribe to the service that the proxy needs.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy:
      "Ask the administrator to assign you under Enterprise applications, then sign in again.",
    errors: {
      50105: [
        "The account is not assigned to this app",
        "The organisation lets only assigned people use the app registration.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Start the sign-in again from the proxy's web page.",
    errors: {
      54005: [
        "This sign-in was used already",
        "An authorization code works once. The page was probably loaded a second time.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Sign in again on the proxy's web page and accept the permission to send mail.",
    errors: {
      "65001 consent_required": [
        "The permission to send mail is missing",
        "Nobody has consented yet, or the consent was withdrawn.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy:
      "Open outlook.com once and follow what it asks for, then sign in with Microsoft again on the proxy's web page.",
    errors: {
      70000: [
        "Microsoft does not accept the sign-in any more",
        "The refresh token is not valid, or Microsoft has put the account into “service abuse mode”.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy:
      "Ask the administrator to grant admin consent to the app registration (permission SMTP.Send), then sign in again.",
    errors: {
      90094: [
        "An administrator has to consent",
        "The organisation does not let its people consent to apps themselves.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy: "Send the request that Microsoft offers, wait for its approval, then sign in again.",
    errors: {
      90095: [
        "An administrator has to consent",
        "The organisation reviews apps before its people may use them.",
      ],
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "operator",
    remedy:
      "Register the redirect URI under the platform Web instead of Single-page application, then sign in again.",
    errors: {
      700084: [
        "The sign-in lasted only 24 hours",
        "The redirect URI is registered for a single-page application, whose refresh tokens live one day.",
      ],
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Sign in again and accept the permission, if you want to use the proxy.",
    errors: {
      65004: [
        "The permission was declined",
        "The proxy can only send for you with the permission to send mail.",
      ],
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Sign in again, if you want to use the proxy.",
    errors: {
      access_denied: [
        "The sign-in was cancelled",
        "The sign-in was left, or the permission to send mail was declined.",
      ],
      authorization_declined: [
        "The sign-in was declined",
        "The request was declined on Microsoft's page.",
      ],
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Start again and enter the new code.",
    errors: {
      expired_token: [
        "The code has expired",
        "Nobody entered the code on Microsoft's page in time.",
      ],
    },
  },
];
