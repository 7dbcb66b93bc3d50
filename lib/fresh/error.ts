/** An error that stands for an HTTP status (RFC 9110 section 15.5 and 15.6). Its message may be shown to the user. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  /**
   * @param status From 400 to 599.
   * @param message Public text.
   * @param options `cause`: for the log alone.
   */
  constructor(readonly status: number, message = "", options?: ErrorOptions) {
    super(message, options);
  }
}
