/** `npm run demo`: the countries API on Express, cached by tiercache. */
import { createCache } from '../../src/express.ts'
import { runDemo } from '../shared/demo.ts'
import { createApp } from './app.ts'

await runDemo({
  name: 'express',
  createCache,
  createHandler: (cache, catalog) => createApp({ cache, catalog }),
})
