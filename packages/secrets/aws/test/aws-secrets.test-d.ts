import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, it } from 'vitest'
import { awsSecrets } from '../src/index.ts'

it('accepts the client of AWS', () => {
  expectTypeOf(awsSecrets(new SecretsManagerClient({ region: 'eu-west-1' }))).toExtend<SecretSource>()
  // @ts-expect-error its configuration is no client
  awsSecrets({ region: 'eu-west-1' })
})
