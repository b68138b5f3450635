/** SharePoint: https://learn.microsoft.com/graph/api/site-getbypath */
import { defineConnector } from "../define.ts"
import { microsoft } from "../families/microsoft.ts"

const hosts = ["sharepoint.com", "sharepoint.us", "sharepoint.cn", "sharepoint.de"]

export const sharePoint = defineConnector({
  type: "share_point",
  displayName: "SharePoint",
  category: "files",
  description: "Sites, lists and document libraries of SharePoint Online.",
  ...microsoft({
    scopes: [
      { scope: "Sites.Read.All", meaning: "Read the sites, lists and libraries that you can reach" },
      { scope: "Sites.ReadWrite.All", meaning: "Read and change items in the sites that you can reach" },
      {
        scope: "Sites.Manage.All",
        meaning: "Create and delete lists and libraries in the sites that you can reach",
      },
      {
        scope: "Sites.FullControl.All",
        meaning: "Control the sites that you can reach fully, permissions included",
      },
      { scope: "Sites.Selected", meaning: "Reach only the sites that an administrator opened to this app" },
      { scope: "Files.Read.All", meaning: "Read all files that you can reach" },
      { scope: "Files.ReadWrite.All", meaning: "Read, change and delete all files that you can reach" },
    ],
    defaultScopes: ["Sites.Read.All"],
    defaultTenant: "organizations",
    asked: [
      {
        name: "site_path",
        displayName: "Site path",
        description: "The part of the site's address after the host, without a slash before it.",
        placeholder: "sites/mysite",
        pattern: "^(?:sites|teams)(?:/[A-Za-z0-9._~\\-]{1,128}){1,8}$",
        patternError: "Give sites/ or teams/ and the name of the site, such as sites/mysite.",
      },
      {
        name: "hostname",
        displayName: "Host name",
        description:
          "Where the site lies. Left empty, it is the organisation's main host, which is right unless it keeps data in several regions.",
        placeholder: "contoso.sharepoint.com",
        required: false,
        pattern: "^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.sharepoint\\.(?:com|us|cn|de)$",
        patternError: "Give a host of SharePoint Online without https://, such as contoso.sharepoint.com.",
        hostSuffixes: hosts,
      },
    ],
    fromApi: [
      {
        url: "https://graph.microsoft.com/v1.0/sites/root?$select=siteCollection,webUrl",
        values: [{ name: "hostname", path: "siteCollection.hostname", hostSuffixes: hosts, isHost: true }],
      },
    ],
    documentationUrl: "https://learn.microsoft.com/graph/api/resources/sharepoint",
    pitfalls: [
      "SharePoint takes work and school accounts only, so the tenant is organizations unless another is given.",
      "Graph wants a site's id: get it at /sites/{hostname}:/{site_path}, with a colon between host and path and a second one before anything below it, as in …:/sites/mysite:/drive.",
      "Where no host name is given, the organisation's main one is looked up after the consent; a token that may read no sites but selected ones cannot tell it, so give it then.",
      "Sites.FullControl.All needs an administrator's consent, and Sites.Selected an administrator who gives the app a role on each site.",
      "Under Microsoft's managed consent policy, the default of new tenants, people cannot consent to Sites.Read.All, Sites.ReadWrite.All, Files.Read.All and Files.ReadWrite.All themselves: an administrator has to approve the app.",
      "403 or 404 right after a good sign-in means that the person has no access to that site.",
      "SharePoint's own REST API, https://<tenant name>.sharepoint.com/_api, refuses tokens for Graph.",
    ],
  }),
})
