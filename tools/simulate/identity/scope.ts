/** The OAuth scope that lets an application send mail for the person who has signed in. */
export const SMTP_SCOPE = "https://outlook.office.com/SMTP.Send";

/** The scope of a token for an application itself: everything that administrators have consented to. */
export const APPLICATION_SCOPE = "https://outlook.office365.com/.default";
