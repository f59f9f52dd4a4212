import type { AuthStrategy } from './strategy.ts'

/** The strategy of services that need no credential. */
export const noAuth: AuthStrategy<{}> = { kind: 'none', fields: {}, holders: ['app'], sign: () => ({}) }
