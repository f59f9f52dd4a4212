import type { SecretSource } from '@mcpclient/core'
import nodeVault from 'node-vault'
import { expectTypeOf, test } from 'vitest'
import { vaultSecrets } from '../src/index.ts'

test('a client of node-vault is what it takes', () => {
  expectTypeOf(vaultSecrets(nodeVault({ endpoint: 'https://vault.example.com' }))).toExtend<SecretSource>()
  // @ts-expect-error an address is no client
  vaultSecrets('https://vault.example.com')
})
