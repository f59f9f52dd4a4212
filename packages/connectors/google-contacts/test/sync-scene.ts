import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGooglePeople } from '@mcpclient/testing/simulators'
import type { SimulatedGooglePeopleOptions } from '@mcpclient/testing/simulators'
import { syncScene } from '@mcpclient/testkit'
import type { SyncSceneOptions } from '@mcpclient/testkit'
import { googleContacts } from '../src/index.ts'

export const TOKEN = 'ya29.simulated'

type SceneOptions = Partial<Omit<SimulatedGooglePeopleOptions, 'clock'>> & Pick<SyncSceneOptions, 'plan' | 'around'>

/** Composes a client with the contacts of a user, a table and a simulated Google. */
export function setUp({ plan, around, ...options }: SceneOptions = {}) {
  const clock = createFakeClock()
  const google = simulatedGooglePeople({ clock, random: seededRandom(7), accessToken: TOKEN, ...options })
  const connector = googleContacts({ token: TOKEN })
  return { google, ...syncScene(connector, { clock, provider: google, sync: 'contacts', plan, around }) }
}
