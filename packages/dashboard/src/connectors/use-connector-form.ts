import type { CreateConnectorRequest } from "@grantry/sdk/wire"
import { useForm, type UseFormReturnType } from "@mantine/form"
import { type ConfigValues, givenValues } from "../show/config-fields.tsx"

export interface ConnectorFields {
  type: string
  name: string
  usesSandbox: boolean
  clientId: string
  clientSecret: string
  scopes: string[]
  config: ConfigValues
}

export type ConnectorForm = UseFormReturnType<ConnectorFields>

const initialValues: ConnectorFields = {
  type: "",
  name: "",
  usesSandbox: false,
  clientId: "",
  clientSecret: "",
  scopes: [],
  config: {},
}

export function useConnectorForm(): ConnectorForm {
  return useForm<ConnectorFields>({
    initialValues,
    validate: {
      type: (type) => (type === "" ? "Choose the service." : null),
      name: (name) => (name.trim() === "" ? "Give it a name." : null),
      clientId: (id, { usesSandbox }) =>
        !usesSandbox && id.trim() === "" ? "The provider shows it where you registered the app." : null,
      clientSecret: (secret, { usesSandbox }) =>
        !usesSandbox && secret.trim() === ""
          ? "The provider shows it once, where you registered the app."
          : null,
    },
  })
}

export function connectorRequest(fields: ConnectorFields): CreateConnectorRequest {
  const { clientId, clientSecret, config, name, scopes, type, usesSandbox } = fields
  return {
    integration_type: type,
    name: name.trim(),
    scopes,
    connection_config: givenValues(config),
    ...(!usesSandbox && { client_id: clientId.trim(), client_secret: clientSecret.trim() }),
  }
}
