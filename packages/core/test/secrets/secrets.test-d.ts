import { expectTypeOf, it } from 'vitest'
import { envSecrets, resolveSecrets, secretReader } from '../../src/secrets.ts'
import type { SecretSource } from '../../src/secrets.ts'
import { fileSecrets } from '../../src/node.ts'

it('types a resolved configuration as its input', async () => {
  interface Settings {
    readonly token: string
    readonly keys: readonly { readonly id: string }[]
    readonly onError: (error: Error) => void
  }
  const settings = {} as Settings
  expectTypeOf(await resolveSecrets(settings, { sources: [] })).toEqualTypeOf<Settings>()
  const literal = await resolveSecrets({ token: 'env:TOKEN', port: 80 }, { sources: [] })
  expectTypeOf(literal).toEqualTypeOf<{ token: string; port: number }>()
})

it('types the options', () => {
  const variables: Record<string, string | undefined> = {}
  expectTypeOf(envSecrets(variables)).toExtend<SecretSource>()
  expectTypeOf(fileSecrets({ root: '/run/secrets' })).toExtend<SecretSource>()
  expectTypeOf(secretReader({ sources: [fileSecrets()] }).read).returns.resolves.toBeString()
  // @ts-expect-error sources are needed
  void resolveSecrets({})
  // @ts-expect-error a source has a scheme
  void resolveSecrets({}, { sources: [{ read: async () => '' }] })
  // @ts-expect-error a source returns a string
  void resolveSecrets({}, { sources: [{ scheme: 'x1', read: async () => 5 }] })
})
