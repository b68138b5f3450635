/** Outlook: https://learn.microsoft.com/graph/outlook-mail-concept-overview */
import { defineConnector } from "../define.ts"
import { microsoft } from "../families/microsoft.ts"

export const outlook = defineConnector({
  type: "outlook",
  displayName: "Outlook",
  category: "communication",
  description: "Mail, calendar and contacts of Outlook and Microsoft 365.",
  ...microsoft({
    scopes: [
      { scope: "Mail.Send", meaning: "Send mail in your name, without reading any" },
      { scope: "Mail.Read", meaning: "Read your mail" },
      { scope: "Mail.ReadWrite", meaning: "Read, move, change and delete your mail, but not send any" },
      { scope: "Mail.ReadBasic", meaning: "See who wrote to you and when, but no contents and attachments" },
      { scope: "Mail.Read.Shared", meaning: "Read your mail and the mail that others share with you" },
      {
        scope: "MailboxSettings.ReadWrite",
        meaning: "See and change automatic replies, time zone and other mail settings",
      },
      { scope: "Calendars.Read", meaning: "Read your calendars" },
      { scope: "Calendars.ReadWrite", meaning: "Read and change your calendars" },
      { scope: "Contacts.Read", meaning: "Read your contacts" },
      { scope: "Contacts.ReadWrite", meaning: "Read and change your contacts" },
    ],
    defaultScopes: ["Mail.Send"],
    defaultTenant: "common",
    documentationUrl: "https://learn.microsoft.com/graph/outlook-mail-concept-overview",
    pitfalls: [
      "Under Microsoft's managed consent policy, the default of new tenants, people with work accounts cannot consent to reading or changing mail, calendars, mail settings and contacts themselves; Mail.Send and Contacts.Read are open to them.",
      "A work account without an Exchange Online mailbox signs in and then answers 404 (MailboxNotEnabledForRESTAPI).",
      'A message gets another id when it is moved, unless every call carries the header Prefer: IdType="ImmutableId".',
      "IMAP, POP and SMTP need scopes of another resource, https://outlook.office.com, and so a token of their own.",
    ],
  }),
})
