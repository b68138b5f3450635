/**
 * What every service behind Microsoft Graph shares: one authorization server (Microsoft Entra), one app registration,
 * one API. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import type { ConnectorInput, ScopeFact } from "../define.ts"
import { microsoftRefusals } from "./microsoft-refusals.ts"
import { microsoftSamples } from "./microsoft-samples.ts"
import { microsoftTokenAnswer } from "./microsoft-token-answer.ts"

type AskedField = NonNullable<NonNullable<ConnectorInput["config"]>["asked"]>[number]

/** What differs between two Microsoft services as far as OAuth goes. */
export interface MicrosoftService {
  /** Scopes of the service itself, by their short names; those that name the account are added. */
  readonly scopes: readonly ScopeFact[]
  /** What most apps need of it; asked for when a connector names no scopes. */
  readonly defaultScopes: readonly string[]
  /** `organizations` where personal accounts are refused: with `common` they could sign in, and every call would fail. */
  readonly defaultTenant: "common" | "organizations"
  /** Values that the service needs besides the tenant. */
  readonly asked?: readonly AskedField[]
  readonly fromApi?: NonNullable<ConnectorInput["config"]>["fromApi"]
  readonly documentationUrl: string
  /** What goes wrong with this service besides what goes wrong with all of them. */
  readonly pitfalls: readonly string[]
}

/** The part of an entry that is the same for every Microsoft service. */
export function microsoft(
  service: MicrosoftService,
): Omit<ConnectorInput, "type" | "displayName" | "description"> {
  return {
    family: "microsoft",
    authorize: { ...authorize, defaultScopes: service.defaultScopes },
    token,
    // Every refresh brings a new refresh token. The one before stays good for the rest of its own 90 days.
    refresh: { rotates: true, reuseGraceS: 90 * 86_400, idleLifetimeS: 90 * 86_400 },
    // No endpoint ends one app's grant. revokeSignInSessions ends those of every app of the person, which is nothing
    // that a disconnect may do.
    revocation: null,
    identity,
    config: {
      asked: [tenantField(service.defaultTenant), ...(service.asked ?? [])],
      fromToken: [{ name: "tenant_id", path: "id_token_claims.tid" }],
      fromApi: service.fromApi ?? [],
    },
    api: { baseUrls: ["https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/beta"] },
    scopes: [...service.scopes, ...accountScopes],
    // Graph scopes come back with or without their resource, and not always in the case in which they were asked for.
    scopeSpelling: { ignoresCase: true, optionalPrefix: "https://graph.microsoft.com/" },
    setup: {
      registerUrl: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
      documentationUrl: service.documentationUrl,
      pitfalls: [...service.pitfalls, ...pitfalls],
    },
    dialect: { tokenAnswer: microsoftTokenAnswer },
    samples: microsoftSamples(service.scopes[0]?.scope ?? "User.Read"),
  }
}

const authorize: ConnectorInput["authorize"] = {
  url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
  // select_account, or a person with several accounts connects the one that happens to be signed in. Never
  // prompt=consent: it asks anew for what an administrator approved, and where people may not consent that is a dead end.
  extraParams: { response_mode: "query", prompt: "select_account" },
  pkce: "supported",
  // No refresh token without offline_access; openid brings the tenant's id, User.Read opens /me.
  alwaysScopes: ["offline_access", "openid", "User.Read"],
  loginHintParam: "login_hint",
}

const token: ConnectorInput["token"] = {
  url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
  clientAuth: "post",
  errorSubtypePaths: ["suberror", "error_codes.0", "error_codes.1"],
  refusals: microsoftRefusals,
  // Drawn anew for each token between 60 and 90 minutes: this is the longest, the other the shortest.
  lifetimeS: 5399,
  assumedLifetimeS: 3599,
}

const identity: ConnectorInput["identity"] = {
  request: {
    method: "GET",
    url: "https://graph.microsoft.com/v1.0/me?$select=id,displayName,mail,userPrincipalName",
    headers: {},
    id: ["{id}"],
    label: ["{userPrincipalName}", "{mail}", "{displayName}"],
  },
}

function tenantField(defaultTenant: string): AskedField {
  return {
    name: "tenant",
    displayName: "Tenant",
    description:
      "Whose accounts may sign in: common (work and personal), organizations (work or school only), consumers (personal only), or the id or a domain of one organisation, which its guests and single-tenant apps need.",
    placeholder: "contoso.onmicrosoft.com",
    required: false,
    default: defaultTenant,
    pattern:
      "^(?:common|organizations|consumers|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?:[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?)$",
    patternError:
      "Give common, organizations, consumers, a tenant id such as 11111111-2222-3333-4444-555555555555, or a domain of the organisation.",
  }
}

const accountScopes: readonly ScopeFact[] = [
  { scope: "User.Read", meaning: "Know which Microsoft account you connected and read its profile" },
  { scope: "openid", meaning: "Know which organisation your account belongs to" },
  { scope: "profile", meaning: "See your name and user name" },
  { scope: "email", meaning: "See your email address" },
  { scope: "offline_access", meaning: "Stay connected while you are away" },
]

const pitfalls: readonly string[] = [
  "Register the redirect URI for the platform Web: under Single-page application or Mobile and desktop the exchange with a client secret is refused.",
  "Copy the secret's value, not its id. It lives 24 months at most; when it ends every refresh fails with invalid_client (AADSTS7000222) until the connector gets a new one, and no connection is lost.",
  "An app registered for one organisation only needs that tenant's id as tenant: under common and organizations it is refused (AADSTS50194).",
  "Many organisations let nobody but administrators consent. People then see a page that asks for approval, and mostly no callback follows: let an administrator approve the app first, and have them connect after that.",
  "Administrators approve at https://login.microsoftonline.com/<tenant id>/v2.0/adminconsent, which takes a tenant id or organizations but not common, and brings no code: everybody still connects once.",
  "Guests have to sign in at the organisation that invited them: give its tenant id, or the token is for their home.",
  "A password reset by an administrator, revoked sessions, a new rule on multi-factor sign-in or a sign-in frequency ends the refresh token: the person connects again.",
  "A refresh token that nobody uses for 90 days dies.",
  "Nothing can revoke one app's grant at Microsoft: disconnecting destroys the stored tokens and answers unsupported. An access token that was handed out works until it expires, 90 minutes at most, and the consent stays until it is removed at https://myapps.microsoft.com (work) or https://account.live.com/consent/Manage (personal).",
  "Consents add up: a token may hold more than the last consent asked for, and fewer scopes on a new consent take nothing away.",
  "Names without a resource mean Microsoft Graph, and one token serves one resource: scopes of SharePoint REST, Exchange IMAP or Dynamics beside them are left out of the token.",
  "Do not read access tokens: those of personal accounts are opaque, and those for Graph are Graph's own. connection_config.tenant_id names the organisation.",
  "Only the worldwide cloud is served: the clouds of the United States government and of China have other hosts and their own app registrations.",
]
