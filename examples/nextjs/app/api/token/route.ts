import { currentUserId, grantry } from "../../grantry"

export const dynamic = "force-dynamic"

export async function GET(): Promise<Response> {
  const token = await grantry().users.createToken({ userId: await currentUserId(), expiresIn: 900 })
  return Response.json(token, { headers: { "cache-control": "no-store" } })
}
