import { shellLiteral } from "./quote.ts";

/**
 * Returns the line for Azure Cloud Shell with which an administrator consents to all permissions of an app registration.
 *
 * @see https://learn.microsoft.com/cli/azure/ad/app/permission
 */
export function consentLines(clientId: string): readonly string[] {
  return [`az ad app permission admin-consent --id ${shellLiteral(clientId)}`];
}
