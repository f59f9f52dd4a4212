/** The narrowest permission of each kind of call. Source: https://learn.microsoft.com/graph/permissions-reference */
export const scopes = { read: 'Mail.Read', write: 'Mail.ReadWrite', send: 'Mail.Send' } as const
