import { Calendar } from "./calendar"
import { publicConfig } from "./grantry"

export const dynamic = "force-dynamic"

export default function Page() {
  return <Calendar {...publicConfig()} />
}
