/** Whose browser it is that signs in, as far as it says. */
export interface Visitor {
  readonly cookie: string | undefined
  readonly address: string
  readonly userAgent: string | undefined
}
