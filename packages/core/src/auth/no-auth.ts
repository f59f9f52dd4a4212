import type { AuthStrategy } from './strategy.ts'

/** For services that ask for no credential. */
export const noAuth: AuthStrategy<{}> = { kind: 'none', fields: {}, holders: ['app'], sign: () => ({}) }
