export const kinds = ['subscribe', 'unsubscribe', 'profile', 'cleaned', 'upemail', 'campaign'] as const
export const sources = ['user', 'admin', 'api'] as const
/** The changes of users and admins are those that the app did not make itself. */
export const defaultSources = ['user', 'admin'] as const satisfies readonly Source[]

export type Kind = (typeof kinds)[number]
export type Source = (typeof sources)[number]

const chosen = <Name extends string>(names: readonly Name[], wanted: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, wanted.includes(name)]))

/** Returns the body of the request that creates a webhook. */
export const webhookBody = (
  url: string,
  events: readonly Kind[] = kinds,
  from: readonly Source[] = defaultSources,
): Readonly<Record<string, unknown>> => ({ url, events: chosen(kinds, events), sources: chosen(sources, from) })
