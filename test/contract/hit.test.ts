// The main job on both frameworks: a miss, a hit, a write, a miss.
import { expect } from 'chai'
import request from 'supertest'
import { overFrameworks, type Running } from './middleware.ts'

overFrameworks('the main job', (harness) => {
  let app: Running
  let runs = 0

  before(async () => {
    app = await harness.start((app) => {
      app.read('/users/:id', ({ params }) => ({ body: { id: params.id, run: ++runs } }), '1m', {
        tags: ({ params }) => `user:${params.id}`,
      })
      app.write('put', '/users/:id', [({ params }) => `user:${params.id}`], () => ({ body: { ok: true } }))
    })
  })
  after(() => app.stop())

  it('answers the second request from memory, and the first after a write from the handler', async () => {
    const outcomes: (string | undefined)[] = []
    for (const method of ['get', 'get', 'put', 'get'] as const) {
      const answer = await request(app.server)[method]('/users/1').expect(200)
      outcomes.push(answer.headers['cache-status'])
    }
    expect(outcomes).to.deep.equal([
      'tiercache-l1; fwd=miss; stored',
      'tiercache-l1; hit; ttl=59',
      undefined,
      'tiercache-l1; fwd=miss; stored',
    ])
    expect(runs).to.equal(2)
    await request(app.server).get('/users/1').expect('Age', '0').expect({ id: '1', run: 2 })
  })
})
