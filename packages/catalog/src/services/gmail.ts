/** Gmail: https://developers.google.com/workspace/gmail/api/auth/scopes */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/gmail.${name}`

export const gmail = defineConnector({
  type: "gmail",
  displayName: "Gmail",
  category: "communication",
  description: "Read, send and organise a person's Google mail.",
  ...google({
    scopes: [
      { scope: scope("modify"), meaning: "Read, write, send and sort your mail, but not delete it for good" },
      { scope: scope("readonly"), meaning: "Read your mail, labels and mail settings" },
      { scope: scope("send"), meaning: "Send mail in your name, without reading any" },
      { scope: scope("compose"), meaning: "Write drafts, change them and send them in your name" },
      { scope: scope("labels"), meaning: "See and change your labels" },
      { scope: scope("insert"), meaning: "Put messages into your mailbox without sending them" },
      {
        scope: scope("metadata"),
        meaning: "See who wrote to whom, when and under which label, but no contents",
      },
      {
        scope: scope("settings.basic"),
        meaning: "See and change filters, signatures and out-of-office replies",
      },
      { scope: scope("settings.sharing"), meaning: "Manage who else may read or receive your mail" },
      {
        scope: "https://mail.google.com/",
        meaning: "Everything in your mailbox, deleting for good included",
      },
    ],
    // The others that are of use are restricted: they need Google's review before anybody else may consent.
    defaultScopes: [scope("send")],
    documentationUrl: "https://developers.google.com/workspace/gmail/api/guides",
    pitfalls: [
      "All scopes but gmail.send and gmail.labels are restricted: in production they need Google's review and a yearly security assessment.",
      "When a person changes their password, refresh tokens that hold a Gmail scope die and they have to reconnect.",
      "gmail.settings.sharing works only for an administrator's service account.",
      "Over quota, the time to wait stands in the text of the 429 message and not in a header.",
      "A mailbox watch ends after 7 days unless it is renewed.",
    ],
  }),
  api: {
    baseUrls: [
      "https://gmail.googleapis.com/gmail/v1",
      "https://gmail.googleapis.com/upload/gmail/v1",
      "https://gmail.googleapis.com/batch/gmail/v1",
    ],
  },
})
