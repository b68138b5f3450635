/** The text of `connectors.d.ts`. Pure. */

/** `ConnectorIntegrationTypeRegistry` is what the SDKs read, `ConnectorTypeRegistry` what the `base44` CLI writes. */
const registries = ["ConnectorIntegrationTypeRegistry", "ConnectorTypeRegistry"]
const modules = ["@grantry/sdk", "@base44/sdk"]

const heading = `// Written by \`grantry types generate\`; do not edit.
// With it, a misspelt connector type does not compile.
export {}

`

export function declarationText(types: readonly string[]): string {
  const members = types.map((type) => `  ${JSON.stringify(type)}: true\n`).join("")
  return heading + `interface Types {\n${members}}\n` + modules.map(augmentation).join("")
}

/** A project has one of the two SDKs: augmenting the other one would not compile. */
function augmentation(module: string): string {
  const lines = registries.map((name) => `  interface ${name} extends Types {}\n`).join("")
  return `\n// @ts-ignore the module need not be installed\ndeclare module ${JSON.stringify(module)} {\n${lines}}\n`
}
