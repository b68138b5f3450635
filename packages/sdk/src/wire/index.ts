export type { ErrorCode } from "./error-codes.ts"
