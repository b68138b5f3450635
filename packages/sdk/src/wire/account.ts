/** The account at the provider that a grant belongs to. */
export interface Account {
  /** The provider's own identifier, stable while names and addresses change. */
  readonly id: string
  /** For people: an e-mail address, a user name, a team. The id where the provider names nothing better. */
  readonly label: string
}
