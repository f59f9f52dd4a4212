import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, test } from 'vitest'
import { awsSecrets } from '../src/index.ts'

test('the client of AWS is what it takes', () => {
  expectTypeOf(awsSecrets(new SecretsManagerClient({ region: 'eu-west-1' }))).toExtend<SecretSource>()
  // @ts-expect-error its configuration is no client
  awsSecrets({ region: 'eu-west-1' })
})
