/** All that the catalogue tells of its types: what a person needs to choose, register and understand one. */
import { categories, type ConnectorDefinition, publicView } from "@grantry/catalog"
import type { ConnectorTypeInfo } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { Type } from "typebox"
import type { Services } from "../../services.ts"
import { errorAnswers, Nullable, page } from "../schemas.ts"

const ConfigField = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  description: Type.String(),
  placeholder: Type.String(),
  required: Type.Boolean(),
  validation_pattern: Type.String(),
  validation_error: Type.String(),
})
const Info = Type.Object({
  integration_type: Type.String(),
  display_name: Type.String(),
  description: Type.String(),
  category: Type.Union(categories.map((name) => Type.Literal(name))),
  family: Nullable(Type.String({ description: "types of one family share an OAuth client" })),
  scopes: Type.Array(Type.Object({ scope: Type.String(), meaning: Type.String() })),
  default_scopes: Type.Array(Type.String()),
  always_scopes: Type.Array(Type.String()),
  connection_config_fields: Type.Array(ConfigField),
  api_base_urls: Type.Array(Type.String()),
  refreshable: Type.Boolean(),
  revocable: Type.Boolean(),
  setup: Type.Object({
    register_url: Type.String(),
    documentation_url: Type.String(),
    pitfalls: Type.Array(Type.String()),
  }),
})
const List = Type.Object({ connector_types: Type.Array(Info), next_cursor: Nullable(Type.String()) })

export function connectorTypeRoutes(app: FastifyInstance, { catalog }: Services): void {
  app.get(
    "/api/external-auth/connector-types",
    {
      config: { caller: "member" },
      schema: {
        summary: "Every connector type with its scopes and how to register an OAuth client for it",
        response: { 200: List, ...errorAnswers },
      },
    },
    () => page("connector_types", catalog.all().map(shape)),
  )
}

function shape(definition: ConnectorDefinition): ConnectorTypeInfo {
  const { api, authorize, category, family, refresh, revocation, scopes, setup } = definition
  return {
    ...publicView(definition),
    category,
    family,
    scopes,
    default_scopes: authorize.defaultScopes,
    always_scopes: authorize.alwaysScopes,
    api_base_urls: api.baseUrls,
    refreshable: refresh !== null,
    revocable: revocation !== null,
    setup: {
      register_url: setup.registerUrl,
      documentation_url: setup.documentationUrl,
      pitfalls: setup.pitfalls,
    },
  }
}
