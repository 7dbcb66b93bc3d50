/**
 * Commands that administrators paste: the app registration in Azure Cloud Shell, the rights on mailboxes in Exchange Online
 * PowerShell.
 *
 * @module
 */
export { consentLines } from "./consent.ts";
export { EXCHANGE_STEPS, exchangeLines, type ExchangeStep } from "./exchange.ts";
