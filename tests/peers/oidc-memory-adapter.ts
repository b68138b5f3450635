/** Where `oidc-provider` keeps its records in these tests: one store per provider, gone with it. */
import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider"

export function memoryAdapters(): AdapterFactory {
  const models = new Map<string, Map<string, AdapterPayload>>()
  return (name) => {
    const records = models.get(name) ?? new Map<string, AdapterPayload>()
    models.set(name, records)
    return memoryAdapter(records)
  }
}

function memoryAdapter(records: Map<string, AdapterPayload>): Adapter {
  const findBy = (key: "uid" | "userCode", value: string) =>
    [...records.values()].find((record) => record[key] === value)
  return {
    upsert: async (id, payload) => void records.set(id, payload),
    find: async (id) => records.get(id),
    findByUid: async (uid) => findBy("uid", uid),
    findByUserCode: async (userCode) => findBy("userCode", userCode),
    async consume(id) {
      const record = records.get(id)
      if (record) records.set(id, { ...record, consumed: Math.floor(Date.now() / 1000) })
    },
    destroy: async (id) => void records.delete(id),
    async revokeByGrantId(grantId) {
      for (const [id, record] of records) if (record.grantId === grantId) records.delete(id)
    },
  }
}
