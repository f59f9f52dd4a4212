export { exampleService } from './example-service.ts'
export type { ExampleServiceTypes } from './example-service.ts'
