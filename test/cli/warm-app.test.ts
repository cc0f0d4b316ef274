// `tiercache warm --app`: a process of its own loads the application, fills Redis through it, and ends by itself.
import { expect } from 'chai'
import { expressHarness, koaHarness } from '../contract/middleware.ts'
import { starting } from '../contract/starting.ts'
import { ask } from '../support/apps.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { unhurried } from '../support/unhurried.ts'
import { Project } from './project.ts'

/** Modules of an application that keeps its process alive, as one with a database does. */
function modules(redis: string): Record<string, string> {
  const express = `
    const cache = createCache({ redis: '${redis}', budget: '3s' })
    const app = express()
    setInterval(() => undefined, 1_000)
    app.get('/things/:id', cache.cacheRoute('1h'), (req, res) => res.send('thing ' + req.params.id))
    app.get('/private', cache.cacheRoute('1h'), (req, res) => res.cookie('id', '1').send('private'))
    app.get('/failing', cache.cacheRoute('1h'), (req, res) => res.status(503).send('busy'))`
  return {
    'express.js': `
      import express from 'express'
      import { createCache } from 'tiercache/express'
      ${express}
      export default app`,
    'commonjs.cjs': `
      const express = require('express')
      exports.app = express()
      exports.app.get('/', (req, res) => res.send('page'))`,
    'koa.js': `
      import Router from '@koa/router'
      import Koa from 'koa'
      import { createCache } from 'tiercache/koa'
      const cache = createCache({ redis: '${redis}', budget: '3s' })
      const router = new Router()
      router.get('/things/:id', cache.cacheRoute('1h'), (ctx) => { ctx.body = 'thing ' + ctx.params.id })
      export const app = new Koa().use(router.routes())`,
    'factory.js': `
      import express from 'express'
      import { createCache } from 'tiercache/express'
      export async function make() {
        ${express}
        return app
      }`,
    'memory.js': `
      import express from 'express'
      import { createCache } from 'tiercache/express'
      export const app = express()
      app.get('/', createCache().cacheRoute('1h'), (req, res) => res.send('page'))`,
    'away.js': `
      import express from 'express'
      import { createCache } from 'tiercache/express'
      const cache = createCache({ redis: '${redis}', namespace: 'away' })
      await cache.ready()
      export const app = express()
      app.get('/', cache.cacheRoute('1h'), (req, res) => res.send('x'.repeat(200_000)))`,
    'listening.js': `
      import express from 'express'
      import { createServer } from 'node:http'
      export const app = express()
      const server = createServer(app).listen(0, '127.0.0.1', () => {
        createServer(app).listen(server.address().port, '127.0.0.1')
      })
      await new Promise((resolve) => setTimeout(resolve, 5_000))`,
    'throwing.js': "throw new Error('no configuration')",
    'urls.txt': '# what clients ask for first\n/things/1\r\n\n  /things/2  \n',
  }
}

describe('tiercache warm --app', function () {
  this.timeout(30_000)
  const start = starting(expressHarness)
  let redis: RedisServer
  let project: Project
  before(async () => {
    redis = await startRedis()
    project = new Project(modules(redis.url))
  })
  beforeEach(() => redis.cli('FLUSHALL'))
  after(async () => {
    await project.remove()
    await redis.stop()
  })

  const sizes = async () => (await redis.cli('KEYS', 'tiercache:e:*')).split('\n').filter((key) => key !== '').length

  it('fills Redis through an Express application, and a client of another process gets it from there', async () => {
    const ended = await project.run(['warm', '/things/1', '/things/2', '--app', './express.js', '--host', 'shop.test'])
    expect(ended).to.include({ code: 0 })
    expect(ended.stdout).to.match(/^2 requests in \d+\.\d s: 2 stored, 0 there already, 0 not stored, 0 failed\n$/)
    expect(ended.stderr).to.equal('')
    let runs = 0
    const app = await start((told) => told.read('/things/:id', () => ({ body: `run ${++runs}` })), {
      redis: redis.url,
      ...unhurried,
    })
    const answer = await ask(app, '/things/2')
    expect([outcomeOf(answer), answer.text, runs]).to.deep.equal(['hit l2', 'thing 2', 0])
  })

  it('fills Redis through a Koa application, with scheme and host of whole URLs', async () => {
    const ended = await project.run(['warm', 'https://shop.test/things/1', '--app', 'koa.js'])
    expect(ended).to.include({ code: 0 })
    const app = await koaHarness.start((told) => told.read('/things/:id', () => ({ body: 'run' })), {
      redis: redis.url,
      trustProxy: true,
      ...unhurried,
    })
    try {
      const answer = await ask(app, '/things/1', { headers: { 'X-Forwarded-Proto': 'https' } })
      expect([outcomeOf(answer), answer.text]).to.deep.equal(['hit l2', 'thing 1'])
    } finally {
      await app.stop()
    }
  })

  it('takes a function that makes the application, and URLs of a file', async () => {
    const args = ['warm', '--app', 'factory.js', '--export', 'make', '--file', 'urls.txt', '--host', 'shop.test']
    const { code, stdout } = await project.run([...args, '/things/3'])
    expect(code).to.equal(0)
    expect(stdout).to.include('3 stored')
    expect(await sizes()).to.equal(3)
  })

  it('reads URLs from standard input', async () => {
    const args = ['warm', '--app', 'express.js', '--file', '-', '--host', 'shop.test', '--concurrency', '2']
    const { code, stdout } = await project.run(args, { stdin: '/things/1\n/things/1\n/things/2' })
    expect(code).to.equal(0)
    expect(stdout).to.include('3 requests')
    expect(await sizes()).to.equal(2)
  })

  it('tells what was not stored, and fails where one has failed', async () => {
    const args = ['warm', '/private', '/failing', '--app', 'express.js', '--host', 'shop.test', '--concurrency', '1']
    const { code, stdout, stderr } = await project.run(args)
    expect(code).to.equal(1)
    expect(stdout).to.include('0 stored, 0 there already, 1 not stored, 1 failed')
    expect(stderr).to.include('not stored  http://shop.test/private  set-cookie\n')
    expect(stderr).to.include('failed      http://shop.test/failing  status-503\n')
    expect((await project.run([...args, '--quiet'])).stderr).to.equal(
      'failed      http://shop.test/failing  status-503\n',
    )
  })

  it('says that no cache stands on the way', async () => {
    const { code, stderr } = await project.run(['warm', '/', '--app', 'commonjs.cjs', '--host', 'shop.test'])
    expect([code, stderr]).to.deep.equal([0, 'not stored  http://shop.test/  no-cache-route\n'])
  })

  it('fails where the cache has no Redis: what it stored would end with the process', async () => {
    const { code, stderr } = await project.run(['warm', '/', '--app', 'memory.js', '--host', 'shop.test'])
    expect(code).to.equal(1)
    expect(stderr).to.include('A cache on the way has no Redis')
  })

  it('fails where Redis takes nothing', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    try {
      const { code, stderr } = await project.run(['warm', '/', '--app', 'away.js', '--host', 'shop.test'])
      expect(code).to.equal(1)
      expect(stderr).to.match(/Redis (?:had trouble|was not reachable)/)
    } finally {
      await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    }
  })

  it('ends with 2 where its arguments are wrong', async () => {
    const { code, stdout, stderr } = await project.run(['warm', '/', '--app', 'missing.js', '--host', 'shop.test'])
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.equal('There is no module missing.js\nMore: tiercache warm --help\n')
  })

  it('tells of a module that throws, and of one that listens', async () => {
    const thrown = await project.run(['warm', '/', '--app', 'throwing.js', '--host', 'a'])
    expect([thrown.code, thrown.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('no configuration'),
    )
    const listening = await project.run(['warm', '/', '--app', 'listening.js', '--host', 'a'])
    expect(listening.code).to.equal(1)
    expect(listening.stderr).to.include('The module listens as it is imported')
  })
})
