/** The OAuth scope that lets an application send mail through Microsoft's submission servers. */
export const SMTP_SCOPE = "https://outlook.office.com/SMTP.Send";
