import type { SecretSource } from '@mcpclient/core/secrets'
import nodeVault from 'node-vault'
import { expectTypeOf, it } from 'vitest'
import { hashicorpVaultSecrets } from '../src/index.ts'

it('accepts a client of node-vault', () => {
  expectTypeOf(hashicorpVaultSecrets(nodeVault({ endpoint: 'https://vault.example.com' }))).toExtend<SecretSource>()
  // @ts-expect-error an address is no client
  hashicorpVaultSecrets('https://vault.example.com')
})
