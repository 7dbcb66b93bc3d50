/**
 * Errors of the identity service about one account: its owner, or the organisation behind it, can help. Data only.
 *
 * @module
 */
import type { SignInErrorGroup } from "./explanation.ts";
import { SIGN_IN_AGAIN, START_AGAIN } from "./remedies.ts";

const KEEPING_APP_PASSWORDS = `${SIGN_IN_AGAIN} The app passwords stay as they are.`;
const OPEN_OUTLOOK =
  "Open outlook.com once and follow what it asks for, then sign in with Microsoft again on the proxy's web page.";

export const ACCOUNT_ERRORS: readonly SignInErrorGroup[] = [
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: KEEPING_APP_PASSWORDS,
    errors: {
      "16000 account_selection_required":
        "Microsoft needs you to choose an account. The browser has more than one session at Microsoft, or none.",
      "50058 login_required":
        "Nobody is signed in to Microsoft in this browser. A sign-in without questions needs an open session at Microsoft.",
      50074: "Multi-factor authentication is needed. Microsoft asks for a second factor.",
      50076:
        "Multi-factor authentication is needed. A policy changed, or the proxy's network address did.",
      50078:
        "Multi-factor authentication has expired. Microsoft asks for the second factor again from time to time.",
      "50072 50079":
        "Multi-factor authentication has to be set up. Every account needs a second factor.",
      50089: "The sign-in took too long. Microsoft's sign-in page was open for too long.",
      50125:
        "Microsoft asks for a password reset. The account has to reset its password, or register a way to do so.",
      50132: "The session was ended. The password was changed, or the session was revoked.",
      50133: "The session was ended. The password was changed recently.",
      50158:
        "A further security check is needed. The sign-in has to pass a check outside of Microsoft.",
      50173:
        "The sign-in was revoked. The password was changed or reset, or all sessions were ended.",
      "70043 70046":
        "A new sign-in is needed. A conditional access policy limits how long a sign-in lasts.",
      700003:
        "The device of the sign-in is gone. The device that was used to sign in was removed from the account.",
      700082:
        "The sign-in has expired because it was not used. A refresh token expires after 90 days without use.",
      moved_without_tokens:
        "The older proxy had no valid sign-in any more. The account was imported without tokens: the older proxy had given it up, since Microsoft did not renew its sign-in.",
      interaction_required:
        "Microsoft wants to ask something. Microsoft needs an answer that only the account's owner can give.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: KEEPING_APP_PASSWORDS,
    atSignIn: {
      title: "Microsoft did not accept this sign-in",
      cause: "Its code had expired, was used already, or belongs to another sign-in.",
      remedy: START_AGAIN,
    },
    errors: {
      70008:
        "The sign-in has expired. The refresh token was not used for too long, or Microsoft ended the session.",
      invalid_grant:
        "Microsoft does not accept the sign-in any more. The sign-in has expired or was revoked.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: OPEN_OUTLOOK,
    kinds: {
      work: { cause: "The refresh token is not valid.", remedy: KEEPING_APP_PASSWORDS },
    },
    atSignIn: {
      title: "Microsoft did not accept this sign-in",
      cause: "Its code was not valid, or Microsoft has put the account into “service abuse mode”.",
    },
    errors: {
      70000:
        "Microsoft does not accept the sign-in any more. The refresh token is not valid, or Microsoft has put the account into “service abuse mode”.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy:
      "Sign in with the other kind of account, or ask the operator of this proxy to allow both: MICROSOFT_TENANT and the supported account types of the app registration have to agree.",
    errors: {
      50020:
        "This kind of account is not accepted here. The account belongs to another tenant, or is personal where work accounts are expected.",
      500208:
        "This kind of account is not accepted here. The address's domain is not valid for the kind of account that is expected.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Sign in with an account that exists.",
    errors: {
      50034:
        "The account does not exist. Microsoft does not know an account of that name, or not where it was looked for.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: "Change the password at Microsoft, then sign in again on the proxy's web page.",
    errors: {
      "50055 50144": "The password has expired. Microsoft asks for a new password.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy: "Ask the administrator of your organisation to allow it, then sign in again.",
    errors: {
      50057: "The account is disabled. An administrator has disabled this account.",
      500341: "The account was deleted. The account was removed from its organisation's directory.",
      650052:
        "The organisation has no Exchange Online. The organisation does not subscribe to the service that the proxy needs.",
      90072:
        "The account is not in this organisation. An account from outside has to be added to the organisation before it can sign in there.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy:
      "Ask the administrator of your organisation to exempt this app, the account or the proxy's address from the policy, then sign in again. Before that, signing in again does not help.",
    errors: {
      50097:
        "The organisation allows only known devices. A conditional access policy asks for proof of the device, which a mail proxy cannot give.",
      50131:
        "Blocked by conditional access. A policy of the organisation found the device, the place or the activity not safe enough.",
      "53000 530003":
        "The organisation allows only managed devices. A conditional access policy asks for a managed, compliant device, which a mail proxy cannot be.",
      53001:
        "The organisation allows only joined devices. A conditional access policy asks for a device joined to the domain, which a mail proxy cannot be.",
      "53002 530031":
        "The organisation allows only approved apps. A conditional access policy names the apps that may be used, and this one is not among them.",
      53003:
        "Blocked by conditional access. A conditional access policy of the organisation does not let this app or the proxy's network address in.",
      "53004 53011":
        "The account is blocked because of risk. Microsoft's identity protection found this account at risk.",
      53010:
        "Multi-factor authentication cannot be set up from here. The organisation allows it only from certain places or devices.",
      530032:
        "Blocked by a security policy. A security policy of the organisation does not let this sign-in through.",
      530034:
        "The account is blocked because of suspicious activity. It was found at risk in its own organisation.",
      530035:
        "Blocked by security defaults. The security defaults of the organisation do not let this kind of sign-in through.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    remedy:
      "Ask the administrator to assign you under Enterprise applications, then sign in again.",
    errors: {
      50105:
        "The account is not assigned to this app. The organisation lets only assigned people use the app registration.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    remedy: START_AGAIN,
    errors: {
      54005:
        "This sign-in was used already. An authorization code works once. The page was probably loaded a second time.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "user",
    adminConsent: true,
    remedy: "Sign in again on the proxy's web page and accept the permission to send mail.",
    errors: {
      "65001 consent_required":
        "The permission to send mail is missing. Nobody has consented yet, or the consent was withdrawn.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    adminConsent: true,
    remedy:
      "Ask the administrator to grant admin consent to the app registration (permission SMTP.Send), then sign in again.",
    errors: {
      90093:
        "An administrator has to consent. The account may not consent to what the app asks for.",
      90094:
        "An administrator has to consent. The organisation does not let its people consent to apps themselves.",
      90099:
        "An administrator has to consent. The app has not been authorised in this organisation.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "tenant-admin",
    adminConsent: true,
    remedy: "Send the request that Microsoft offers, wait for its approval, then sign in again.",
    errors: {
      90095:
        "An administrator has to consent. The organisation reviews apps before its people may use them.",
    },
  },
  {
    outcome: "sign-in-required",
    fixer: "operator",
    remedy:
      "Register the redirect URI under the platform Web instead of Single-page application, then sign in again.",
    errors: {
      700084:
        "The sign-in lasted only 24 hours. The redirect URI is registered for a single-page application, whose refresh tokens are valid for one day.",
    },
  },
  {
    outcome: "temporary",
    reach: "account",
    fixer: "nobody",
    remedy:
      "Wait; the proxy tries again by itself. If it lasts longer than a day, sign in at Microsoft and look at the account's recent activity.",
    atSignIn: {
      fixer: "user",
      remedy: "Wait some minutes, then press the sign-in button again.",
    },
    errors: {
      50053:
        "The account is locked for a while. Somebody tried to sign in too often with a wrong password, or from a suspicious address.",
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Sign in again and accept the permission, if you want to use the proxy.",
    errors: {
      65004:
        "The permission was declined. The proxy can only send for you with the permission to send mail.",
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Sign in again, if you want to use the proxy.",
    errors: {
      access_denied:
        "The sign-in was cancelled. The sign-in was abandoned, or the permission to send mail was declined.",
      authorization_declined:
        "The sign-in was declined. The request was declined on Microsoft's page.",
    },
  },
  {
    outcome: "cancelled",
    fixer: "user",
    remedy: "Start again and enter the new code.",
    errors: {
      expired_token: "The code has expired. Nobody entered the code on Microsoft's page in time.",
    },
  },
];
