// The network breaks for the connection that asks, or for the one that hears, and for no other.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { FaultProxy } from './fault-proxy.ts'

describe('the network between a process and Redis', () => {
  let redis: RedisServer
  let proxy: FaultProxy
  let commands: Redis
  let messages: Redis
  let heard: string[]

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    proxy = new FaultProxy(redis.port)
    await proxy.start()
    const open = () => new Redis(proxy.url, { commandTimeout: 200, enableReadyCheck: false, retryStrategy: () => 10 })
    commands = open()
    messages = open()
    heard = []
    for (const client of [commands, messages]) client.on('error', () => {})
    messages.on('message', (_channel, text) => heard.push(text))
    await messages.subscribe('bus')
  })
  afterEach(() => {
    for (const client of [commands, messages]) client.disconnect()
    proxy.stop()
  })
  after(() => redis.stop())

  const hears = (texts: readonly string[]) => eventually(() => expect(heard).to.deep.equal(texts))
  const refused = async (work: Promise<unknown>) => expect(await work.catch(() => 'refused')).to.equal('refused')

  it('passes everything on by default', async () => {
    expect(await commands.set('a', '1')).to.equal('OK')
    await redis.cli('PUBLISH', 'bus', 'one')
    await hears(['one'])
  })

  it('keeps commands back while messages pass, and delivers them late', async () => {
    proxy.set('commands', 'drop')
    await refused(commands.set('b', '1'))
    expect(await redis.cli('GET', 'b')).to.equal('')
    await redis.cli('PUBLISH', 'bus', 'two')
    await hears(['two'])
    proxy.set('commands', 'pass')
    await eventually(async () => expect(await redis.cli('GET', 'b')).to.equal('1'))
  })

  it('lets Redis hear what it is asked, and nobody what it says', async () => {
    proxy.set('commands', 'mute')
    await refused(commands.set('c', '1'))
    expect(await redis.cli('GET', 'c')).to.equal('1')
  })

  it('keeps messages back while commands pass, also for those who subscribe meanwhile', async () => {
    proxy.set('messages', 'drop')
    await redis.cli('PUBLISH', 'bus', 'three')
    expect(await commands.get('a')).to.equal('1')
    expect(heard).to.deep.equal([])
    proxy.set('messages', 'pass')
    await hears(['three'])
  })

  it('ends the line for messages without a word', async () => {
    proxy.set('messages', 'halfOpen')
    await eventually(async () => expect(await redis.cli('PUBSUB', 'NUMSUB', 'bus')).to.equal('bus\n0'))
    expect(messages.status).to.equal('ready')
    expect(await commands.get('a')).to.equal('1')
  })

  it('delays each piece', async () => {
    proxy.set('commands', { delay: 30 })
    const start = performance.now()
    await commands.get('a')
    expect(performance.now() - start).to.be.at.least(58)
  })

  it('leads elsewhere, or nowhere', async () => {
    const other = await startRedis()
    await other.cli('SET', 'a', 'elsewhere')
    proxy.lead(undefined)
    await refused(commands.get('a'))
    proxy.lead(other.port)
    await eventually(async () => expect(await commands.get('a')).to.equal('elsewhere'))
    await other.stop()
  })
})
