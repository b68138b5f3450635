import { Button, Card, Grid, Group, Select, Stack, Switch, TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { ClientFields } from "../connectors/client-fields.tsx"
import { ProviderSteps } from "../connectors/provider-steps.tsx"
import { connectorRequest, useConnectorForm } from "../connectors/use-connector-form.ts"
import { hasSandbox } from "../page-facts.ts"
import { server } from "../server/client.ts"
import { connectorTypesQuery, useConnectorType } from "../server/connector-types.ts"
import { connectorsKey } from "../server/connectors.ts"
import { isAboutReservation, useReservedConnector } from "../connectors/use-reserved-connector.ts"
import { useAct } from "../server/use-act.ts"
import { ConfigFields } from "../show/config-fields.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { PageHeading } from "../show/page-heading.tsx"
import { ScopePicker } from "../show/scope-picker.tsx"

export function NewConnector() {
  const { ws } = useParams({ from: "/workspaces/$ws/connectors/new" })
  const types = useQuery(connectorTypesQuery).data ?? []
  const form = useConnectorForm()
  const values = form.getValues()
  const type = useConnectorType(values.type)
  const navigate = useNavigate()
  const { isPending, data: reserved, error, renew } = useReservedConnector(ws)
  const create = useAct({
    act: () =>
      server.connectors.create(ws, {
        ...connectorRequest(form.getValues()),
        ...(reserved && { reservation: reserved.reservation }),
      }),
    done: ({ name }) => `${name} is registered. Try it: a consent shows whether the provider agrees.`,
    changes: [connectorsKey(ws)],
  })
  const submit = form.onSubmit(() =>
    create.mutate(undefined, {
      onSuccess: ({ id }) => {
        renew()
        void navigate({ to: "/workspaces/$ws/connectors/$id", params: { ws, id } })
      },
      onError: (refusal) => {
        if (isAboutReservation(refusal)) renew()
      },
    }),
  )
  const choose = (chosen: string | null) => {
    const found = types.find((one) => one.integration_type === chosen)
    if (!found) return
    form.setValues({
      type: found.integration_type,
      name: found.display_name,
      scopes: [...found.default_scopes],
      config: {},
    })
  }
  return (
    <>
      <PageHeading title="Register a connector">
        Your own OAuth client at a provider: its name is on the consent page, and its limits are yours alone.
      </PageHeading>
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Card component="form" onSubmit={submit} noValidate>
            <Stack>
              <Select
                label="Service"
                placeholder="Choose or search"
                searchable
                data={types.map((one) => ({ value: one.integration_type, label: one.display_name }))}
                value={values.type || null}
                onChange={choose}
                error={form.errors["type"]}
              />
              <TextInput
                label="Name"
                description="Unique in this workspace."
                maxLength={100}
                autoComplete="off"
                key={form.key("name")}
                {...form.getInputProps("name")}
              />
              {hasSandbox && (
                <Switch
                  label="Use the sandbox instead of an own OAuth client"
                  description="Test accounts only; for development."
                  key={form.key("usesSandbox")}
                  {...form.getInputProps("usesSandbox", { type: "checkbox" })}
                />
              )}
              {!values.usesSandbox && <ClientFields form={form} />}
              {type && (
                <>
                  <ConfigFields
                    fields={type.connection_config_fields}
                    values={values.config}
                    onChange={(config) => form.setFieldValue("config", config)}
                  />
                  <ScopePicker
                    type={type}
                    value={values.scopes}
                    onChange={(scopes) => form.setFieldValue("scopes", scopes)}
                  />
                </>
              )}
              <ErrorNotice error={create.error ?? error} />
              <Group justify="flex-end">
                <Button type="submit" loading={create.isPending} disabled={isPending}>
                  Register
                </Button>
              </Group>
            </Stack>
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          {type && <ProviderSteps type={type} redirectUri={reserved?.redirect_uri ?? null} />}
        </Grid.Col>
      </Grid>
    </>
  )
}
