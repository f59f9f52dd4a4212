import type { SecretSource } from '@mcpclient/core/secrets'
import nodeVault from 'node-vault'
import { expectTypeOf, test } from 'vitest'
import { hashicorpVaultSecrets } from '../src/index.ts'

test('a client of node-vault is what it takes', () => {
  expectTypeOf(hashicorpVaultSecrets(nodeVault({ endpoint: 'https://vault.example.com' }))).toExtend<SecretSource>()
  // @ts-expect-error an address is no client
  hashicorpVaultSecrets('https://vault.example.com')
})
