/** `npm run demo:koa`: the countries API on Koa, cached by tiercache. */
import { createCache } from '../../src/koa.ts'
import { runDemo } from '../shared/demo.ts'
import { createApp } from './app.ts'

await runDemo({
  name: 'koa',
  createCache,
  createHandler: (cache, catalog) => createApp({ cache, catalog }).callback(),
})
