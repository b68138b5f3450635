/** Google Ads: https://developers.google.com/google-ads/api/rest/auth */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googleads = defineConnector({
  type: "googleads",
  displayName: "Google Ads",
  category: "marketing",
  description: "Manage ad campaigns and pull ad reports.",
  ...google({
    scopes: [{ scope: scope("adwords"), meaning: "See and manage your Google Ads campaigns and reports" }],
    defaultScopes: [scope("adwords")],
    documentationUrl: "https://developers.google.com/google-ads/api/docs/start",
    pitfalls: [
      "Guides and libraries from before September 2026 demand a developer-token header on every call. Google has retired those tokens: current versions ignore the header, older ones want it. It is a secret of your app, so keep it with your code; it is no value of a connection.",
      "Access levels belong to the Cloud project that owns the OAuth client: a new one reaches test accounts only (CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION, in older versions ACTION_NOT_PERMITTED) until more is granted at https://console.cloud.google.com/google/ads-apis/overview.",
      "Basic and Standard access need a project whose brand is verified.",
      "Accounts under a manager account answer only with the header login-customer-id: the manager's id, digits without dashes. connection_config.login_customer_id holds it where it was given.",
      "Customer ids come from customers:listAccessibleCustomers; paths take ten digits, while the pages of Google Ads show dashes.",
      "The version is a part of the path, such as /v25/customers/…, and each one is retired after about a year.",
    ],
  }),
  config: {
    asked: [
      {
        name: "login_customer_id",
        displayName: "Manager account",
        description:
          "Customer id of the manager account through which the ad accounts are reached; leave it empty without one.",
        placeholder: "1234567890",
        required: false,
        pattern: "^[0-9]{10}$",
        patternError: "Give the ten digits of the customer id, without dashes.",
      },
    ],
  },
  api: { baseUrls: ["https://googleads.googleapis.com"] },
})
