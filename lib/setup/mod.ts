/**
 * Scripts that administrators paste at Microsoft: the app registration in Azure Cloud Shell, the rights on mailboxes in
 * Exchange Online PowerShell.
 *
 * @module
 */
export {
  consentLines,
  organisationRegistrationScript,
  peopleRegistrationScript,
  secretLines,
} from "./azure.ts";
export { type ExchangeApplication, exchangeLines, type ExchangeStep } from "./exchange.ts";
