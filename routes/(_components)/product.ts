/** Name of the product, as people read it. */
export const PRODUCT = "SMTP OAuth2 Proxy";
