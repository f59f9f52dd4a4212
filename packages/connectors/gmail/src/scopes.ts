const scope = <Name extends string>(name: Name): `https://www.googleapis.com/auth/gmail.${Name}` =>
  `https://www.googleapis.com/auth/gmail.${name}`

/** The narrowest scope of each kind of call. Source: https://developers.google.com/workspace/gmail/api/auth/scopes */
export const scopes = {
  read: scope('readonly'),
  modify: scope('modify'),
  compose: scope('compose'),
  send: scope('send'),
  labels: scope('labels'),
} as const

const { modify, compose, send } = scopes

/** The scopes that a wider one includes. */
export const includes: Readonly<Record<string, readonly string[]>> = {
  'https://mail.google.com/': Object.values(scopes),
  [modify]: Object.values(scopes).filter((each) => each !== modify),
  [compose]: [send],
}
