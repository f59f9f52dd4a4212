import { describe, expect, it } from 'vitest'
import { environmentOf } from '../../src/stdio/environment.ts'

describe('the environment of a program', () => {
  it('is the minimum that a program needs, where other clients pass all secrets of the host', () => {
    process.env['MCPCLIENT_TEST_SECRET'] = 'hunter2hunter2'
    const environment = environmentOf({ TOKEN: 'given' }, [])
    delete process.env['MCPCLIENT_TEST_SECRET']
    expect(environment).toMatchObject({ TOKEN: 'given', PATH: process.env['PATH'] })
    expect(environment).not.toHaveProperty('MCPCLIENT_TEST_SECRET')
  })

  it('includes the variables that the host names', () => {
    process.env['MCPCLIENT_TEST_REGION'] = 'eu'
    expect(environmentOf({}, ['MCPCLIENT_TEST_REGION', 'MCPCLIENT_TEST_ABSENT'])).toMatchObject({
      MCPCLIENT_TEST_REGION: 'eu',
    })
    delete process.env['MCPCLIENT_TEST_REGION']
  })
})
