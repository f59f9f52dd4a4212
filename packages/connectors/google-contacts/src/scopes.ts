const scope = <Name extends string>(name: Name): `https://www.googleapis.com/auth/${Name}` =>
  `https://www.googleapis.com/auth/${name}`

/** The narrowest scope of each kind of call. Source: https://developers.google.com/people/api/rest/v1/people.connections/list */
export const scopes = {
  read: scope('contacts.readonly'),
  write: scope('contacts'),
} as const

/** The scopes that a wider one includes. */
export const includes: Readonly<Record<string, readonly string[]>> = { [scopes.write]: [scopes.read] }
