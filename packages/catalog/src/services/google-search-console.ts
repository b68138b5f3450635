/** Google Search Console: https://developers.google.com/webmaster-tools/v1/how-tos/authorizing */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googleSearchConsole = defineConnector({
  type: "google_search_console",
  displayName: "Google Search Console",
  category: "marketing",
  description: "Read how sites do in Google search; manage sitemaps.",
  ...google({
    scopes: [
      { scope: scope("webmasters.readonly"), meaning: "See the Search Console data of your sites" },
      { scope: scope("webmasters"), meaning: "See and manage your sites and sitemaps in Search Console" },
      { scope: scope("indexing"), meaning: "Tell Google about new and removed pages of your sites" },
      { scope: scope("siteverification"), meaning: "Manage the list of sites that are verified as yours" },
    ],
    defaultScopes: [scope("webmasters.readonly")],
    documentationUrl: "https://developers.google.com/webmaster-tools",
    pitfalls: [
      "Sites are addressed by their URL, percent-encoded: https://example.com/ with its trailing slash, or sc-domain:example.com. Without the slash a call ends with 403.",
      "URL inspection lies at searchconsole.googleapis.com/v1; sites, sitemaps and search analytics at /webmasters/v3.",
      "The Indexing API is an API of its own, for a few kinds of pages, and has to be enabled apart.",
    ],
  }),
  api: { baseUrls: ["https://www.googleapis.com/webmasters/v3", "https://searchconsole.googleapis.com/v1"] },
})
