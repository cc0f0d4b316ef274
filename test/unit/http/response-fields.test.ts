// The fields of a real `ServerResponse`, read and written before its head leaves.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { currentFields, customPhrase, setFields } from '../../../src/http/response-fields.ts'
import { get } from '../../support/http-client.ts'

/** What `look` says of a response that nothing was done to; the answer is sent afterwards. */
async function onResponse<T>(look: (res: ServerResponse) => T): Promise<T> {
  let result: { value: T } | { error: unknown } | undefined
  const server = createServer((_req, res) => {
    try {
      result = { value: look(res) }
    } catch (error) {
      result = { error }
    }
    res.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    await get((server.address() as AddressInfo).port, '/')
  } finally {
    server.close()
  }
  if (result !== undefined && 'error' in result) throw result.error
  return result!.value
}

describe('currentFields', () => {
  it('has names as they were written, numbers as text and every value', async () => {
    const fields = await onResponse((res) => {
      res.setHeader('X-Mixed-Case', 'a')
      res.setHeader('Content-Length', 0)
      res.setHeader('Link', ['<a>', '<b>'])
      res.appendHeader('Vary', 'A')
      res.appendHeader('vary', 'B')
      return currentFields(res)
    })
    expect(fields).to.deep.equal([
      ['X-Mixed-Case', 'a'],
      ['Content-Length', '0'],
      ['Link', ['<a>', '<b>']],
      ['Vary', ['A', 'B']],
    ])
  })

  // T78
  it('hands out lists of its own', async () => {
    const [fields, now] = await onResponse((res) => {
      const list = ['<a>']
      res.setHeader('Link', list)
      const before = currentFields(res)
      list.push('<b>')
      return [before, currentFields(res)]
    })
    expect(fields).to.deep.equal([['Link', ['<a>']]])
    expect(now).to.deep.equal([['Link', ['<a>', '<b>']]])
  })

  // T25
  it('reads an HTTP/2 response too', async () => {
    const server = createHttp2Server((_req, res) => {
      res.setHeader('X-Mixed', ['a', 'b'])
      const fields = currentFields(res as never)
      res.end(JSON.stringify([fields, customPhrase(res as never)]))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    let text = ''
    try {
      for await (const chunk of client.request({ ':path': '/' })) text += chunk
    } finally {
      client.close()
      server.close()
    }
    expect(JSON.parse(text)).to.deep.equal([[['x-mixed', ['a', 'b']]], {}])
  })
})

// T6
describe('setFields', () => {
  const forms: [name: string, headers: unknown, fields: [string, string | string[]][]][] = [
    [
      'an object',
      { 'X-A': 'new', 'X-B': ['1', '2'], 'X-N': 5 },
      [
        ['X-A', 'new'],
        ['X-B', ['1', '2']],
        ['X-N', '5'],
      ],
    ],
    [
      'a flat array',
      ['X-A', 'new', 'X-B', '1'],
      [
        ['X-A', 'new'],
        ['X-B', '1'],
      ],
    ],
    ['a flat array with a doubled name', ['X-A', '1', 'x-a', '2'], [['X-A', ['1', '2']]]],
    [
      'pairs',
      [
        ['X-A', 'new'],
        ['X-B', '1'],
      ],
      [
        ['X-A', 'new'],
        ['X-B', '1'],
      ],
    ],
    [
      'pairs with a doubled name',
      [
        ['X-A', '1'],
        ['X-A', '2'],
      ],
      [['X-A', ['1', '2']]],
    ],
    ['an empty array', [], [['X-A', 'old']]],
    ['nothing', undefined, [['X-A', 'old']]],
    ['null', null, [['X-A', 'old']]],
  ]
  for (const [name, headers, fields] of forms) {
    it(`sets ${name}`, async () => {
      const set = await onResponse((res) => {
        res.setHeader('X-A', 'old')
        setFields(res, headers)
        return currentFields(res)
      })
      expect(set).to.deep.equal(fields)
    })
  }

  // T14: the same errors as without us.
  const bad: [name: string, headers: unknown, code: string][] = [
    ['a name that is none', { 'a b': '1' }, 'ERR_INVALID_HTTP_TOKEN'],
    ['a value that is none', { a: 'b\n' }, 'ERR_INVALID_CHAR'],
    ['an undefined value', { a: undefined }, 'ERR_HTTP_INVALID_HEADER_VALUE'],
  ]
  for (const [name, headers, code] of bad) {
    it(`throws for ${name} as Node does`, async () => {
      const codes = await onResponse((res) => {
        res.setHeader('X-Before', '1')
        return [() => setFields(res, headers), () => void res.writeHead(200, headers as never)].map((write) => {
          try {
            return void write()
          } catch (error) {
            return (error as NodeJS.ErrnoException).code
          }
        })
      })
      expect(codes).to.deep.equal([code, code])
    })
  }
})

describe('customPhrase', () => {
  const cases: [status: number, phrase: string | undefined, custom: { statusMessage?: string }][] = [
    [200, undefined, {}],
    [200, '', {}],
    [200, 'OK', {}],
    [404, 'Not Found', {}],
    [404, 'OK', { statusMessage: 'OK' }],
    [200, 'Fine', { statusMessage: 'Fine' }],
    [299, 'Odd', { statusMessage: 'Odd' }],
  ]
  for (const [status, phrase, custom] of cases) {
    it(`of ${status} ${phrase ?? '(none set)'} is ${custom.statusMessage ?? 'none'}`, async () => {
      const found = await onResponse((res) => {
        res.statusCode = status
        if (phrase !== undefined) res.statusMessage = phrase
        return customPhrase(res)
      })
      expect(found).to.deep.equal(custom)
    })
  }
})
