/** Google Analytics: https://developers.google.com/analytics/devguides/reporting/data/v1 */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googleAnalytics = defineConnector({
  type: "google_analytics",
  displayName: "Google Analytics",
  category: "marketing",
  description: "Query website and app reports of GA4 properties.",
  ...google({
    scopes: [
      {
        scope: scope("analytics.readonly"),
        meaning: "See your Analytics reports and how your properties are set up",
      },
      { scope: scope("analytics"), meaning: "See and manage your Analytics data" },
      {
        scope: scope("analytics.edit"),
        meaning: "Change your Analytics accounts, properties and data streams",
      },
      {
        scope: scope("analytics.manage.users"),
        meaning: "See and change who has access to your Analytics accounts",
      },
      {
        scope: scope("analytics.manage.users.readonly"),
        meaning: "See who has access to your Analytics accounts",
      },
      { scope: scope("analytics.provision"), meaning: "Create new Analytics accounts" },
      { scope: scope("analytics.user.deletion"), meaning: "Ask for the deletion of a visitor's data" },
    ],
    defaultScopes: [scope("analytics.readonly")],
    documentationUrl: "https://developers.google.com/analytics/devguides/reporting/data/v1",
    pitfalls: [
      "Two APIs have to be enabled: the Data API for reports and the Admin API for accounts and properties.",
      "Calls need a GA4 property such as properties/123456789: list them with accountSummaries of the Admin API.",
      "Quota counts in tokens per property, and an answer tells what is left only when returnPropertyQuota asks for it.",
      "The APIs of the old Universal Analytics hold no data any more.",
    ],
  }),
  api: {
    baseUrls: ["https://analyticsdata.googleapis.com/v1beta", "https://analyticsadmin.googleapis.com/v1beta"],
  },
})
