/** Thrown after a lost compare-and-swap: another run works on the same state. This run stops (I8). */
export class Superseded extends Error {
  constructor() {
    super('Another run wrote the same sync state.')
    this.name = 'Superseded'
  }
}
