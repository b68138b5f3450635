/** The setup guide of one service, written from its entry. */
import type { ConnectorDefinition } from "../src/define.ts"

/** Markdown of `docs/connectors/<type>.md`. */
export function connectorPage(definition: ConnectorDefinition): string {
  const sections = [
    `# ${definition.displayName}\n\n\`${definition.type}\`: ${definition.description}`,
    setup(definition),
    scopes(definition),
    config(definition),
    tokens(definition),
    section("What goes wrong", definition.setup.pitfalls.map((pitfall) => `- ${pitfall}`).join("\n")),
  ]
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`
}

function section(title: string, text: string): string {
  return text === "" ? "" : `## ${title}\n\n${text}`
}

function setup({ family, setup: { documentationUrl, registerUrl }, type }: ConnectorDefinition): string {
  const variable = (name: string): string =>
    `\`GRANTRY_${name.toUpperCase()}_CLIENT_ID\` and \`…_CLIENT_SECRET\``
  const shared = family === null ? "" : `, or ${variable(family)} for all services of this family`
  return section(
    "Setting it up",
    [
      `1. Register an OAuth app at <${registerUrl}> ([documentation](${documentationUrl})).`,
      "2. Add its client id and secret as a workspace connector, whose answer names the redirect URI, or set " +
        `${variable(type)}${shared}. \`GET /api/apps/{app}/oauth-redirect-uris\` lists the redirect URIs.`,
      "3. Register that redirect URI at the provider, character for character.",
      "\nFor development nothing has to be registered: the sandbox plays the provider.",
    ].join("\n"),
  )
}

function scopes(definition: ConnectorDefinition): string {
  const { alwaysScopes, defaultScopes, scopeParam } = definition.authorize
  if (scopeParam === null || definition.scopes.length === 0) {
    return section(
      "Scopes",
      "The service has no OAuth scopes: what the app may do is set where it is registered.",
    )
  }
  const mark = (scope: string): string =>
    alwaysScopes.includes(scope) ? "always asked for" : defaultScopes.includes(scope) ? "default" : ""
  const rows = definition.scopes.map(({ meaning, scope }) => `| \`${scope}\` | ${meaning} | ${mark(scope)} |`)
  return section("Scopes", ["| scope | what it allows | |", "| --- | --- | --- |", ...rows].join("\n"))
}

function config({
  config: { asked, fromApi, fromCallback, fromIdentity, fromToken },
}: ConnectorDefinition): string {
  const before = asked.map(
    (field) =>
      `- \`${field.name}\` (${field.displayName}), ${field.selfHosted ? "set with the connector" : `asked before consent${field.required ? "" : ", optional"}`}` +
      `${field.default === null ? "" : `, \`${field.default}\` unless given`}: ${field.description}`,
  )
  const after = [
    ...new Set(
      [...fromToken, ...fromCallback, ...fromIdentity, ...fromApi.flatMap(({ values }) => values)].map(
        ({ name }) => name,
      ),
    ),
  ]
  const learned = after.map((name) => `- \`${name}\`, learned when the account is connected`)
  return section("Values in `connectionConfig`", [...before, ...learned].join("\n"))
}

function tokens(definition: ConnectorDefinition): string {
  const lines = [lifetime(definition), refresh(definition), revocation(definition), api(definition)]
  return section("Tokens", lines.map((line) => `- ${line}`).join("\n"))
}

function duration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const
  for (const [name, size] of units) {
    const count = Math.round(seconds / size)
    if (seconds >= size && Math.abs(seconds - count * size) <= size / 50)
      return `${count} ${name}${count === 1 ? "" : "s"}`
  }
  return `${seconds} seconds`
}

function lifetime({ token: { assumedLifetimeS, lifetimeS } }: ConnectorDefinition): string {
  const assumed =
    assumedLifetimeS === null
      ? ""
      : ` The provider does not say when, so a token is refreshed after ${duration(assumedLifetimeS)}.`
  return lifetimeS === null
    ? `An access token does not expire by itself.${assumed}`
    : `An access token lives ${duration(lifetimeS)}.${assumed}`
}

function refresh({ refresh: facts }: ConnectorDefinition): string {
  if (!facts) return "There is no refresh: when a token dies, somebody has to connect again."
  const rotation =
    facts.rotates === true
      ? "Each refresh brings a new refresh token and ends the old one"
      : facts.rotates === false
        ? "The refresh token stays the same"
        : "A setting of the OAuth app decides whether refresh tokens rotate"
  return `${rotation}; Grantry refreshes once for all callers.${facts.optional ? " Whether there is a refresh token at all depends on the OAuth app." : ""}`
}

function revocation({ revocation: facts }: ConnectorDefinition): string {
  if (!facts)
    return "The provider has no way to revoke a token: a disconnect destroys it here, and the account's owner can end the grant at the provider."
  return facts.ends === "grant"
    ? "A disconnect revokes the whole grant of that account, unless another live connection hangs on it."
    : "A disconnect revokes the connection's own tokens."
}

function api({ api: { baseUrls, headers } }: ConnectorDefinition): string {
  const named = Object.entries(headers).map(([name, value]) => `\`${name}: ${value}\``)
  const also = named.length === 0 ? "" : `, with ${named.join(" and ")}`
  return `Call ${baseUrls.map((url) => `\`${url}\``).join(", ")}${also}.`
}
