/** The narrowest scope of each kind of call. Source: https://learn.microsoft.com/graph/permissions-reference */
export const scopes = {
  read: 'Calendars.Read',
  write: 'Calendars.ReadWrite',
  freeBusy: 'Calendars.ReadBasic',
  shared: 'Calendars.Read.Shared',
} as const

/** The scopes that a wider one includes, beyond `*.Read` in `*.ReadWrite`. */
export const includes: Readonly<Record<string, readonly string[]>> = {
  [scopes.read]: [scopes.freeBusy],
  [scopes.write]: [scopes.freeBusy],
}
