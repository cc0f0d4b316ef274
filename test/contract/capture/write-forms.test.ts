// Every form of `write` and `end`: the bytes that went over the wire are the bytes that come again.
import type { Response } from 'express'
import { expectFilledBehindNotModified, expectSameThenReplay, expressTwin, type Twin } from '../../support/compare.ts'

const text = 'zażółć gęślą jaźń — 日本語 😀 \u0000 end'
const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const base64 = bytes.toString('base64')
const hex = bytes.toString('hex')

const nothing = () => undefined

/** What is written into a fresh response. */
type Writer = (res: Response) => unknown

// T1
const encodings: Record<string, Writer> = {
  'end(string)': (res) => res.end(text),
  "end(string, 'utf8')": (res) => res.end(text, 'utf8'),
  "end(string, 'UTF-8')": (res) => res.end(text, 'UTF-8' as BufferEncoding),
  "end(string, 'latin1')": (res) => res.end('café ÿ', 'latin1'),
  "end(string, 'binary')": (res) => res.end(bytes.toString('binary'), 'binary'),
  "end(string, 'ascii')": (res) => res.end('plain', 'ascii'),
  "end(string, 'base64')": (res) => res.end(base64, 'base64'),
  "end(string, 'base64url')": (res) => res.end(bytes.toString('base64url'), 'base64url'),
  "end(string, 'hex')": (res) => res.end(hex, 'hex'),
  "end(string, 'ucs2')": (res) => res.end(text, 'ucs2'),
  "end(string, 'utf16le')": (res) => res.end(text, 'utf16le'),
  'write(string) of each encoding in turn': (res) => {
    res.write(text)
    res.write('café ÿ', 'latin1')
    res.write(base64, 'base64')
    res.write(hex, 'hex')
    res.write(text, 'ucs2')
    res.end('5oiR', 'base64')
  },
  'write(string, encoding, callback) and end(string, encoding, callback)': (res) => {
    res.write(hex, 'hex', nothing)
    res.end(base64, 'base64', nothing)
  },
  'a string of half a pair of surrogates': (res) => res.end('a\ud83d'),
  'surrogates split over two writes': (res) => {
    res.write('a\ud83d')
    res.end('\ude00b')
  },
}

// T4, T19
const forms: Record<string, Writer> = {
  'end()': (res) => res.end(),
  'end(callback)': (res) => res.end(nothing),
  'end(chunk, callback)': (res) => res.end('once', nothing),
  'end(null)': (res) => res.end(null as unknown as string),
  "end(undefined, 'utf8', callback)": (res) => res.end(undefined, 'utf8', nothing),
  "end('')": (res) => res.end(''),
  'end of an empty Buffer': (res) => res.end(Buffer.alloc(0)),
  'write and end()': (res) => {
    res.write('first')
    res.end()
  },
  'write and end(chunk)': (res) => {
    res.write('first')
    res.end('last')
  },
  'write(chunk, callback)': (res) => {
    res.write('first', nothing)
    res.end(nothing)
  },
  "write('') and end(chunk)": (res) => {
    res.write('')
    res.end('last')
  },
  'many small writes': (res) => {
    for (let i = 0; i < 1_000; i++) res.write(`${i},`)
    res.end()
  },
  'writes while corked': (res) => {
    res.cork()
    res.write('one ')
    res.write('two ')
    res.uncork()
    res.end('three')
  },
  'writes over several turns': async (res) => {
    for (const part of ['one ', 'two ', 'three']) {
      res.write(part)
      await new Promise(setImmediate)
    }
    res.end()
  },
  'a length of its own': (res) => {
    res.setHeader('Content-Length', 8)
    res.write('four')
    res.end('four')
  },
  'transfer coding by name': (res) => {
    res.setHeader('Transfer-Encoding', 'chunked')
    res.end('chunked')
  },
}

for (const [title, table] of Object.entries({ encodings, forms })) {
  describe(`a response written in all ${title}`, () => {
    let twin: Twin
    afterEach(() => twin.stop())

    for (const [form, write] of Object.entries(table)) {
      it(`is stored as it was sent: ${form}`, async () => {
        twin = await expressTwin((_req, res) => void write(res))
        await expectSameThenReplay(twin)
      })

      // T81
      it(`is stored as it would have been sent, behind a 304: ${form}`, async () => {
        twin = await expressTwin((_req, res) => void write(res))
        await expectFilledBehindNotModified(twin)
      })
    }
  })
}
